using MailKit;
using MailKit.Net.Imap;

namespace ImapTrigger.Imap;

/// <summary>
/// MailKit's client, for servers that select a folder without saying READ-ONLY or READ-WRITE, as they may (RFC 3501, 6.3.1: "SHOULD"):
/// MailKit then takes the folder for closed, and every command fails on our side.
/// </summary>
internal sealed class WatchingClient(ProtocolTap tap) : ImapClient(tap)
{
    protected override ImapFolder CreateImapFolder(ImapFolderConstructorArgs args) => new Opened(args);

    private sealed class Opened(ImapFolderConstructorArgs args) : ImapFolder(args)
    {
        private FolderAccess _asked;

        public override Task<FolderAccess> OpenAsync(FolderAccess access, CancellationToken cancellationToken = default)
        {
            _asked = access;
            return base.OpenAsync(access, cancellationToken);
        }

        protected override void OnOpened()
        {
            if (Access == FolderAccess.None)
                Access = _asked;
            base.OnOpened();
        }
    }
}
