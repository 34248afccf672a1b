namespace ImapTrigger.Triggering;

/// <summary>What other bindings of the function may name in braces: <c>[Blob("mails/{Uid}.json")]</c>.</summary>
internal static class BindingData
{
    private static readonly (string Name, Type Type, Func<ImapEvent, object?> Value)[] Fields =
    [
        ("Account", typeof(string), message => message.Account),
        ("Folder", typeof(string), message => message.Folder),
        ("UidValidity", typeof(long), message => (long)message.UidValidity),
        ("Uid", typeof(long), message => (long)message.Uid),
        ("MessageId", typeof(string), message => message.MessageId),
        ("Subject", typeof(string), message => message.Subject),
        ("From", typeof(string), message => message.From.Select(from => from.Address).FirstOrDefault()),
        ("InternalDate", typeof(DateTimeOffset), message => message.InternalDate ?? message.Date ?? default(DateTimeOffset)),
        ("Tag", typeof(string), message => message.Tag),
        ("Attempt", typeof(int), message => message.Attempt),
    ];

    public static IReadOnlyDictionary<string, Type> Contract { get; } = Fields.Select(field => (field.Name, field.Type))
        .Append((ReturnValueBinder.Name, ReturnValueBinder.ValueType)).ToDictionary(field => field.Item1, field => field.Item2, StringComparer.OrdinalIgnoreCase);

    public static IReadOnlyDictionary<string, object> Of(ImapEvent message) =>
        Fields.ToDictionary(field => field.Name, field => field.Value(message) ?? "", StringComparer.OrdinalIgnoreCase);
}
