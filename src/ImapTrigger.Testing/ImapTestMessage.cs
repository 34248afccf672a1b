using System.Collections.Immutable;
using ImapTrigger.Testing.Protocol;

namespace ImapTrigger.Testing;

/// <summary>A message as it is in a folder at one moment; changing its flags makes a new one.</summary>
public sealed class ImapTestMessage
{
    internal ImapTestMessage(uint uid, MessageContent content, ImmutableSortedSet<string> flags, DateTimeOffset internalDate)
    {
        Uid = uid;
        Content = content;
        Flags = flags;
        InternalDate = internalDate;
    }

    /// <summary>Its UID (RFC 9051, 2.3.1.1).</summary>
    public uint Uid { get; }

    /// <summary>Flags and keywords, such as <c>\Seen</c>; compared without case.</summary>
    public ImmutableSortedSet<string> Flags { get; }

    /// <summary>When the server took it in.</summary>
    public DateTimeOffset InternalDate { get; }

    /// <summary>The message, byte for byte as it came.</summary>
    public ReadOnlyMemory<byte> Raw => Content.Raw;

    internal MessageContent Content { get; }

    internal bool Has(string flag) => Flags.Contains(flag);

    internal ImapTestMessage As(uint uid) => new(uid, Content, Flags, InternalDate);

    internal ImapTestMessage With(ImmutableSortedSet<string> flags) => new(Uid, Content, flags, InternalDate);
}
