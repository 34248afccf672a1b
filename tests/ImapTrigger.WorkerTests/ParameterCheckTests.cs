using System.Text.Json;
using Azure.Core.Serialization;
using ImapTrigger.Worker;

namespace ImapTrigger.WorkerTests;

/// <summary>What an isolated function may take is known at its start.</summary>
public sealed class ParameterCheckTests
{
    // As the worker sets it up.
    private static readonly JsonObjectSerializer Serializer = new(new JsonSerializerOptions { PropertyNameCaseInsensitive = true });

    [Fact]
    public void What_the_worker_converts_and_what_the_JSON_fills_may_be() => Assert.Empty(ParameterCheck.Problems(typeof(Right), Serializer));

    [Fact]
    public void All_else_is_named_each_in_a_sentence()
    {
        var problems = ParameterCheck.Problems(typeof(Wrong), Serializer).ToArray();
        Assert.Equal(typeof(Wrong).GetMethods().Count(method => method.DeclaringType == typeof(Wrong)), problems.Length);
        Assert.All(problems, problem => Assert.StartsWith("[ImapIdleTrigger] of function 'Wrong.", problem, StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("'Wrong.Message': the parameter 'mail' cannot be a MimeKit.MimeMessage. Take a byte[] and MimeMessage.Load", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("A message that has nothing but its UID cannot fill it: The JSON value could not be converted to System.Int64. Path: $.size", StringComparison.Ordinal));
    }

    [Fact]
    public void The_app_s_own_serializer_decides() => Assert.Contains("'Wrong.Message'", Assert.Single(ParameterCheck.Problems(typeof(Wrong), new Generous())), StringComparison.Ordinal);

    private sealed class Right
    {
        public void Event([ImapTrigger.Worker.ImapIdleTrigger] ImapTrigger.Worker.ImapEvent mail) => _ = mail;

        public void Text([ImapTrigger.Worker.ImapIdleTrigger] string mail) => _ = mail;

        public void Bytes([ImapTrigger.Worker.ImapIdleTrigger] byte[] mail) => _ = mail;

        public void Tree([ImapTrigger.Worker.ImapIdleTrigger] JsonElement mail) => _ = mail;

        public void Mine([ImapTrigger.Worker.ImapIdleTrigger] Fitting mail) => _ = mail;

        public void NotOurs(int other) => _ = other;
    }

    private sealed class Wrong
    {
        public void Number([ImapTrigger.Worker.ImapIdleTrigger] int mail) => _ = mail;

        public void Many([ImapTrigger.Worker.ImapIdleTrigger] ImapTrigger.Worker.ImapEvent[] mail) => _ = mail;

        public void Message([ImapTrigger.Worker.ImapIdleTrigger] MimeKit.MimeMessage mail) => _ = mail;

        public void Stream([ImapTrigger.Worker.ImapIdleTrigger] Stream mail) => _ = mail;

        public void Data([ImapTrigger.Worker.ImapIdleTrigger] BinaryData mail) => _ = mail;

        public void Size([ImapTrigger.Worker.ImapIdleTrigger] WithSize mail) => _ = mail;
    }

    private sealed record Fitting(long Uid, string? Subject, long? Size);

    private sealed class WithSize
    {
        public long Size { get; set; }
    }

    private sealed class Generous : ObjectSerializer
    {
        public override object? Deserialize(Stream stream, Type returnType, CancellationToken cancellationToken) => null;

        public override ValueTask<object?> DeserializeAsync(Stream stream, Type returnType, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override void Serialize(Stream stream, object? value, Type inputType, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask SerializeAsync(Stream stream, object? value, Type inputType, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
