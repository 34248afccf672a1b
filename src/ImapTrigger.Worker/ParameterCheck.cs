using System.Reflection;
using System.Text.Json;
using Azure.Core.Serialization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImapTrigger.Worker;

/// <summary>
/// Ends the start when a function's parameter cannot be filled: else each of its messages would fail, up to the last attempt, for the host knows no types of this process.
/// </summary>
internal sealed class ParameterCheck(IOptions<WorkerOptions> options) : IHostedService
{
    private const string Supported = "It may be ImapEvent, string (JSON), byte[] (the raw message), or a class of your own that the JSON can fill.";
    private const BindingFlags Functions = BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly JsonSerializerOptions AsTheHost = new(JsonSerializerDefaults.Web);

    // What the worker converts by itself.
    private static readonly Type[] Known = [typeof(string), typeof(byte[]), typeof(ReadOnlyMemory<byte>), typeof(object), typeof(ImapEvent)];

    private static readonly ImapEvent Bare = new() { Account = "ann@example.org", Folder = "INBOX", UidValidity = 1, Uid = 1 };

    private static readonly ImapEvent Full = Bare with
    {
        MessageId = "1@example.org",
        InReplyTo = "0@example.org",
        References = ["0@example.org"],
        Subject = "Invoice",
        From = [new ImapAddress("Bob", "bob@example.org")],
        To = [new ImapAddress("Ann", "ann@example.org")],
        Cc = [new ImapAddress(null, "cc@example.org")],
        ReplyTo = [new ImapAddress(null, "replies@example.org")],
        Date = DateTimeOffset.UnixEpoch,
        InternalDate = DateTimeOffset.UnixEpoch,
        Size = 5_000_000_000,
        Flags = [@"\Seen"],
        Keywords = ["$Forwarded"],
        Labels = ["Work"],
        Attachments = [new ImapAttachment("invoice.pdf", "application/pdf", 4711)],
        Kind = ImapMessageKind.List,
        ListId = "dev.example.org",
        Authentication = new ImapAuthentication
        {
            AuthservId = "mx.example.org",
            Verified = true,
            Spf = ImapAuthenticationResult.Pass,
            SpfDomain = "example.org",
            Dkim = ImapAuthenticationResult.Pass,
            DkimDomains = ["example.org"],
            Dmarc = ImapAuthenticationResult.Pass,
            DmarcDomain = "example.org",
        },
        Headers = new Dictionary<string, IReadOnlyList<string>> { ["X-Priority"] = ["1"] },
        EmailId = "M1",
        ThreadId = "T1",
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var problems = FunctionAssemblies().SelectMany(assembly => assembly.GetTypes()).SelectMany(type => Problems(type, options.Value.Serializer ?? JsonObjectSerializer.Default)).ToArray();
        return problems.Length == 0 ? Task.CompletedTask : throw new WrongParameterException(problems);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A sentence for each parameter of a class that cannot be.</summary>
    public static IEnumerable<string> Problems(Type type, ObjectSerializer serializer) =>
        from method in type.GetMethods(Functions)
        from parameter in method.GetParameters()
        where parameter.IsDefined(typeof(ImapIdleTriggerAttribute), inherit: false)
        let why = WhyNot(parameter.ParameterType, serializer)
        where why is not null
        select $"[ImapIdleTrigger] of function '{type.Name}.{method.Name}': the parameter '{parameter.Name}' cannot be a {parameter.ParameterType}. {why}{Supported}";

    /// <summary>The app, and what of it lies in libraries.</summary>
    private static IEnumerable<Assembly> FunctionAssemblies()
    {
        var trigger = typeof(ParameterCheck).Assembly.GetName().Name;
        return Assembly.GetEntryAssembly() is not { } app
            ? []
            : app.GetReferencedAssemblies().Where(library => library.Name is { } name && !name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("Microsoft.", StringComparison.Ordinal))
                .Select(Assembly.Load).Where(library => library.GetReferencedAssemblies().Any(reference => reference.Name == trigger)).Prepend(app);
    }

    private static string? WhyNot(Type type, ObjectSerializer serializer)
    {
        if (Known.Contains(type))
            return null;
        // Has a constructor and settable properties, and yet is no class that the event's JSON can fill with a message.
        if (type.Namespace?.Split('.')[0] == "MimeKit")
            return "Take a byte[] and MimeMessage.Load(new MemoryStream(mail)). ";
        return Try(type, serializer, Full, "A message that has everything") ?? Try(type, serializer, Bare, "A message that has nothing but its UID");
    }

    private static string? Try(Type type, ObjectSerializer serializer, ImapEvent message, string which)
    {
        try
        {
            using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(message, AsTheHost));
            serializer.Deserialize(json, type, CancellationToken.None);
            return null;
        }
        catch (Exception e)
        {
            // Whatever it is, and be it thrown by the class itself: it would be thrown at every message.
            return $"{which} cannot fill it: {e.Message.Split(" | LineNumber")[0].TrimEnd('.')}. ";
        }
    }

    /// <summary>What is wrong is worth more than where it was noticed: the host shows what the worker writes as it ends.</summary>
    private sealed class WrongParameterException(string[] problems) : InvalidOperationException(string.Join(Environment.NewLine, problems))
    {
        public override string ToString() => Message;
    }
}
