namespace ImapTrigger.Testing;

/// <summary>Which way bytes go through a <see cref="TcpFaultProxy"/>.</summary>
[Flags]
public enum TcpFaultDirections
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>From clients to the server.</summary>
    ToServer = 1,

    /// <summary>From the server to clients.</summary>
    ToClient = 2,

    /// <summary>Both ways.</summary>
    Both = ToServer | ToClient,
}
