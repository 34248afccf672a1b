using System.Collections;
using System.Text.Json;
using ImapTrigger.Delivery;
using MimeKit;

namespace ImapTrigger.Triggering;

/// <summary>The types that a parameter with the attribute may have, and how a delivery becomes a value of each.</summary>
internal static class ParameterKind
{
    public const string Supported = "ImapEvent, string (JSON), MimeMessage, or a class of your own that the JSON can fill";

    public static bool CanBind(Type type) =>
        type == typeof(ImapEvent) || type == typeof(string) || type == typeof(MimeMessage) || type == typeof(object) || IsUserClass(type);

    public static async Task<object?> ToValueAsync(ImapDelivery delivery, Type type, CancellationToken cancellationToken)
    {
        if (type.IsAssignableFrom(typeof(ImapEvent)))
            return delivery.Event;
        if (type == typeof(MimeMessage))
            return await delivery.ReadMessageAsync(cancellationToken);
        var json = EventJson.Write(delivery.Event);
        return type == typeof(string) ? json : JsonSerializer.Deserialize(json, type, EventJson.ForUserTypes);
    }

    private static bool IsUserClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, IsArray: false }
        && !typeof(IEnumerable).IsAssignableFrom(type)
        && !typeof(Stream).IsAssignableFrom(type)
        && type.Namespace?.Split('.')[0] is not ("System" or "MimeKit" or "MailKit");
}
