using System.Collections;
using System.Text.Json;
using ImapTrigger.Delivery;
using MimeKit;

namespace ImapTrigger.Triggering;

/// <summary>The types that a parameter with the attribute may have, and how a delivery becomes a value of each.</summary>
internal static class ParameterKind
{
    private const string Supported = "ImapEvent, string (JSON), MimeMessage, byte[], Stream or BinaryData (the raw message), or a class of your own that the JSON can fill";

    /// <summary>What to say of a type that cannot be.</summary>
    public static string Advice(Type type) => type.IsArray ? $"One call gets one message: no array, and no 'cardinality'. It may be {Supported}." : $"It may be {Supported}.";

    private static readonly Dictionary<Type, Func<ImapDelivery, CancellationToken, Task<object?>>> Known = new()
    {
        [typeof(ImapEvent)] = (delivery, _) => Task.FromResult<object?>(delivery.Event),
        [typeof(object)] = (delivery, _) => Task.FromResult<object?>(delivery.Event),
        [typeof(string)] = (delivery, _) => Task.FromResult<object?>(EventJson.Write(delivery.Event)),
        [typeof(MimeMessage)] = async (delivery, token) => await delivery.ReadMessageAsync(token),
        [typeof(byte[])] = async (delivery, token) => await delivery.ReadRawAsync(token),
        [typeof(Stream)] = async (delivery, token) => new MemoryStream(await delivery.ReadRawAsync(token), writable: false),
        [typeof(BinaryData)] = async (delivery, token) => new BinaryData(await delivery.ReadRawAsync(token)),
    };

    public static bool CanBind(Type type) => Known.ContainsKey(type) || IsUserClass(type);

    public static Task<object?> ToValueAsync(ImapDelivery delivery, Type type, CancellationToken cancellationToken) => Known.TryGetValue(type, out var convert)
        ? convert(delivery, cancellationToken)
        : Task.FromResult(JsonSerializer.Deserialize(EventJson.Write(delivery.Event), type, EventJson.ForUserTypes));

    private static bool IsUserClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, IsArray: false }
        && !typeof(IEnumerable).IsAssignableFrom(type)
        && type.Namespace?.Split('.')[0] is not ("System" or "MimeKit" or "MailKit");
}
