using ImapTrigger.Imap;
using ImapTrigger.Listening;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Diagnostics;

/// <summary>Which failure deserves which level: Error is for what a person must change, Warning for what passes by itself.</summary>
internal static class ErrorLevels
{
    public static LogLevel Of(Exception e) => (e as ImapSessionException)?.Error switch
    {
        ImapSessionError.AuthenticationRefused or ImapSessionError.TokenUnavailable or ImapSessionError.InsecureConnection or ImapSessionError.FolderUnavailable => LogLevel.Error,
        ImapSessionError.Unreachable or ImapSessionError.ConnectionLost or ImapSessionError.Throttled or ImapSessionError.ServerUnavailable
            or ImapSessionError.CommandRefused or ImapSessionError.ProtocolError => LogLevel.Warning,
        _ => LogLevel.Error,
    };

    /// <summary>Whether the message leaves something open that only the exceptions behind it tell; where it does not, a stack trace is noise.</summary>
    public static bool NeedsTrace(Exception e) => e is not (ImapSessionException { IsUnforeseen: false } or FolderReplacedException or FickleUidValidityException);
}
