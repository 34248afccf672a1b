using System.Diagnostics;
using System.Text.Json;
using ImapTrigger;
using Microsoft.Extensions.Configuration;

namespace Agent;

/// <summary>The program that answers: it gets a message as JSON on its standard input, and what it prints is the answer.</summary>
public sealed class Answering(IConfiguration configuration)
{
    private const int MaxAnswer = 64 * 1024;

    public async Task<string> AskAsync(ImapEvent mail, string text, CancellationToken cancellationToken)
    {
        // Never on the command line, and by no shell: nothing in a message is then a command to this machine.
        using var program = Process.Start(new ProcessStartInfo(configuration["Agent:program"] ?? throw new InvalidOperationException("Agent:program is missing."))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["Imap__password"] = "", ["Smtp__password"] = "" },
        })!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(configuration.GetValue("Agent:timeout", TimeSpan.FromMinutes(5)));
        try
        {
            var output = ReadAsync(program.StandardOutput, deadline.Token);
            await JsonSerializer.SerializeAsync(program.StandardInput.BaseStream, new { from = mail.From[0].Address, subject = mail.Subject, text, threadId = mail.References.FirstOrDefault() ?? mail.MessageId }, cancellationToken: deadline.Token);
            program.StandardInput.Close();
            var answer = await output;
            await program.WaitForExitAsync(deadline.Token);
            // A failure: the message comes again, and in the end is put aside.
            return program.ExitCode == 0 ? answer : throw new InvalidOperationException($"The program ended with {program.ExitCode}.");
        }
        finally
        {
            if (!program.HasExited)
                program.Kill(entireProcessTree: true);
        }
    }

    private static async Task<string> ReadAsync(StreamReader output, CancellationToken cancellationToken)
    {
        var buffer = new char[MaxAnswer + 1];
        var read = await output.ReadBlockAsync(buffer, cancellationToken);
        return read <= MaxAnswer ? new string(buffer, 0, read) : throw new InvalidOperationException($"The program printed more than {MaxAnswer} characters.");
    }
}
