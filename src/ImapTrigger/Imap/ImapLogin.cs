using System.Net;
using System.Runtime.CompilerServices;
using MailKit.Net.Imap;
using MailKit.Security;

namespace ImapTrigger.Imap;

/// <summary>
/// One login per attempt, by one mechanism: each refused one counts towards the server's lock, and MailKit left alone tries all that are offered.
/// Only a mechanism that is refused as such, whoever logs in, is followed by the next at once.
/// </summary>
internal sealed class ImapLogin(ImapClient client, ImapAccount account, ProtocolTap tap, ImapErrors errors)
{
    /// <summary>The plain command (RFC 9051, 6.2.3), which is no mechanism.</summary>
    private const string Command = "";

    // Servers offer mechanisms that cannot work (no SCRAM secret is stored, another channel binding), and say anything to them: Dovecot UNAVAILABLE,
    // Cyrus the words for a wrong password. So who was refused begins the next attempt with the next. Holds nothing for who never was.
    private static readonly ConditionalWeakTable<ImapAccount, StrongBox<int>> Refused = [];

    /// <summary>Logs in.</summary>
    /// <param name="token">The access token; null to use the password.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AuthenticationException">The server refused.</exception>
    /// <exception cref="ImapSessionException">There is no way to log in here.</exception>
    public async Task RunAsync(string? token, CancellationToken cancellationToken)
    {
        if (client.IsAuthenticated)
            throw errors.LoggedInAlready();
        var ways = token is null ? PasswordMechanisms(client.AuthenticationMechanisms, client.IsEncrypted, CanUseCommand) : TokenMechanisms(client.AuthenticationMechanisms);
        if (ways.Count == 0)
            throw errors.NoWayToLogIn(client.AuthenticationMechanisms, client.IsEncrypted);

        var first = Refused.TryGetValue(account, out var refused) ? refused.Value : 0;
        for (var tried = 1; ; tried++)
        {
            tap.Forget();
            try
            {
                await TryAsync(ways[(first + tried - 1) % ways.Count], token, cancellationToken);
                return;
            }
            catch (AuthenticationException e)
            {
                Refused.GetOrCreateValue(account).Value = (first + tried) % ways.Count;
                if (e is not SaslException && Refusals.IsAboutMechanism(errors.RefusalOf(e)) && tried < ways.Count && client.IsConnected)
                    continue;
                throw;
            }
        }
    }

    /// <summary>Best first; never one that hands over more than it must, or that uses an account of this machine (NTLM, GSSAPI).</summary>
    public static IReadOnlyList<string> PasswordMechanisms(IReadOnlySet<string> offered, bool isEncrypted, bool command)
    {
        string[] scram = ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1"];
        // Bound to the TLS channel where the server can: nobody sits in between then (RFC 5802, 6).
        var bound = isEncrypted ? scram.SelectMany(name => new[] { $"{name}-PLUS", name }) : scram;
        string[] plain = command ? ["PLAIN", "LOGIN", Command] : ["PLAIN", "LOGIN"];
        string[] digest = ["CRAM-MD5", "DIGEST-MD5"];
        // Within TLS a password may be sent, and works with however the server stores it; without, anything that hides it is better.
        return [.. bound.Concat(isEncrypted ? plain.Concat(digest) : digest.Concat(plain)).Where(name => name == Command || Offers(offered, name))];
    }

    /// <summary>The standard where it is offered (RFC 7628); Exchange Online has the older one only.</summary>
    public static IReadOnlyList<string> TokenMechanisms(IReadOnlySet<string> offered) =>
        !Offers(offered, "OAUTHBEARER") ? ["XOAUTH2"] : Offers(offered, "XOAUTH2") ? ["OAUTHBEARER", "XOAUTH2"] : ["OAUTHBEARER"];

    // Capabilities know no case (RFC 9051, 7.2.2); MailKit's set does.
    private static bool Offers(IEnumerable<string> offered, string name) => offered.Contains(name, StringComparer.OrdinalIgnoreCase);

    private bool CanUseCommand => !client.Capabilities.HasFlag(ImapCapabilities.LoginDisabled);

    private Task TryAsync(string way, string? token, CancellationToken cancellationToken)
    {
        var credentials = new NetworkCredential(account.UserName, token ?? account.Password);
        if (way != Command)
            return client.AuthenticateAsync(SaslMechanism.Create(way, credentials)!, cancellationToken);
        // What MailKit falls back to when nothing is offered.
        client.AuthenticationMechanisms.Clear();
        return client.AuthenticateAsync(credentials, cancellationToken);
    }
}
