using ImapTrigger;
using ImapTrigger.Imap;

var account = new ImapAccount
{
    Host = Setting("HOST") ?? "localhost",
    Port = int.TryParse(Setting("PORT"), out var port) ? port : null, // 993 with TLS, unless said otherwise
    UserName = Setting("USER") ?? "",
    Password = Setting("PASSWORD") ?? "",
    CertificateFingerprint = Setting("FINGERPRINT"), // only for a self-signed certificate
};

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.Cancel(); };
try
{
    await using var session = await ImapSession.ConnectAsync(account, stopping.Token);
    var folder = await session.SelectAsync("INBOX", stopping.Token);
    var last = (folder.UidNext ?? 1) - 1; // begin with what arrives from now on
    Console.WriteLine($"{folder.Count} messages; waiting for more.");
    while (true)
    {
        await session.Idle.StartAsync(stopping.Token);
        IReadOnlyList<IdleUpdate> updates;
        do
            updates = await session.Idle.CheckAsync(TimeSpan.FromSeconds(5), stopping.Token); // sends nothing
        while (updates.Count == 0);
        Console.WriteLine(updates.ToXml());

        await session.Idle.DoneAsync(); // before any other command
        foreach (var mail in await session.FetchAsync(afterUid: last, stopping.Token))
            Console.WriteLine($"UID {last = mail.Uid}: {mail.Subject}");
    }
}
catch (OperationCanceledException)
{
    Console.WriteLine("Stopped.");
}

static string? Setting(string name) => Environment.GetEnvironmentVariable($"MAIL_{name}");
