using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ImapTrigger.Benchmarks;

/// <summary>
/// A way round on one machine (Linux, in a network namespace of its own): what is sent to 10.9.0.2 comes back to 10.9.0.1 half a round trip later, as if that other
/// machine had sent it. Acknowledgements are late too, which a proxy, that ends TCP on both sides, would hide.
/// </summary>
internal static partial class RoundTrip
{
    private const ulong SetInterface = 0x400454ca;
    private const short TunWithoutHeader = 0x1001;

    public static void Run(TimeSpan roundTrip)
    {
        using var tun = new FileStream("/dev/net/tun", new FileStreamOptions { Access = FileAccess.ReadWrite, BufferSize = 0 });
        var request = new byte[40];
        Encoding.ASCII.GetBytes("roundtrip").CopyTo(request, 0);
        BitConverter.GetBytes(TunWithoutHeader).CopyTo(request, 16);
        if (Control(tun.SafeFileHandle, SetInterface, request) != 0)
            throw new InvalidOperationException($"No TUN interface: error {Marshal.GetLastPInvokeError()}.");
        foreach (var command in new[] { "link set lo up", "addr add 10.9.0.1/24 dev roundtrip", "link set roundtrip up txqueuelen 5000" })
            Process.Start("ip", command).WaitForExit();

        using var late = new BlockingCollection<(long At, byte[] Packet)>();
        new Thread(() => Send(tun, late, roundTrip / 2)) { IsBackground = true }.Start();
        Console.WriteLine("up");
        var buffer = new byte[65_536];
        while (true)
        {
            var length = tun.Read(buffer);
            // IPv4 alone. Source and destination change places; the checksums stay right.
            if (length < 20 || buffer[0] >> 4 != 4)
                continue;
            var packet = buffer[..length];
            buffer.AsSpan(12, 4).CopyTo(packet.AsSpan(16));
            buffer.AsSpan(16, 4).CopyTo(packet.AsSpan(12));
            late.Add((Stopwatch.GetTimestamp(), packet));
        }
    }

    private static void Send(FileStream tun, BlockingCollection<(long At, byte[] Packet)> late, TimeSpan half)
    {
        foreach (var (at, packet) in late.GetConsumingEnumerable())
        {
            var left = half - Stopwatch.GetElapsedTime(at);
            if (left > TimeSpan.Zero)
                Thread.Sleep(left);
            tun.Write(packet);
        }
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, ulong request, byte[] argument);
}
