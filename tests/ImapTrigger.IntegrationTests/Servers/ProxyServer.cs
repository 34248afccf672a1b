using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Debian's Tinyproxy (HTTP CONNECT) or microsocks (SOCKS5) on loopback, which want a user and a password.</summary>
internal sealed class ProxyServer : IAsyncDisposable
{
    public const string User = "ann";
    public const string Password = "proxy-secret-0815";
    private static readonly string Unpacked = Path.Combine(Repository.Root, "artifacts/servers/proxies/usr/bin");

    private readonly DirectoryInfo _folder;
    private readonly ServerProcess _process;

    private ProxyServer(DirectoryInfo folder, ServerProcess process, string scheme, int port)
    {
        _folder = folder;
        _process = process;
        Address = $"{scheme}://127.0.0.1:{port}";
    }

    /// <summary>Without user and password.</summary>
    public string Address { get; }

    public string AddressWith(string password) => Address.Replace("://", $"://{User}:{password}@", StringComparison.Ordinal);

    /// <param name="scheme">http or socks5.</param>
    public static async Task<ProxyServer> StartAsync(string scheme)
    {
        var program = Path.Combine(Unpacked, scheme == "http" ? "tinyproxy" : "microsocks");
        Needed.File(program, "The proxy", "./test.sh unpacks it, as root");
        var folder = Directory.CreateTempSubdirectory("imaptrigger-proxy-");
        var port = FreePort.Find(1)[0];
        ServerProcess process;
        if (scheme == "http")
        {
            var file = Path.Combine(folder.FullName, "tinyproxy.conf");
            await File.WriteAllTextAsync(file, $"Listen 127.0.0.1\nPort {port}\nAllow 127.0.0.1\nTimeout 600\nMaxClients 50\nBasicAuth {User} {Password}\n");
            process = ServerProcess.Start(program, "-d", "-c", file);
        }
        else
        {
            process = ServerProcess.Start(program, "-i", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-u", User, "-P", Password);
        }

        await process.WaitUntilReadyAsync(async cancellationToken =>
        {
            try
            {
                using var tcp = new TcpClient();
                await tcp.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
        return new ProxyServer(folder, process, scheme, port);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
