using System.Collections;
using System.Reflection;
using System.Text.Json;
using ImapTrigger.Delivery;
using MimeKit;

namespace ImapTrigger.Triggering;

/// <summary>The types that a parameter with the attribute may have, and how a delivery becomes a value of each.</summary>
internal static class ParameterKind
{
    private const string Supported = "ImapEvent, string (JSON), MimeMessage, byte[], Stream or BinaryData (the raw message), or a class of your own that the JSON can fill";

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

    /// <summary>What is wrong with the parameter, or null. Found now, it is an error of the start; later it would be one of every message.</summary>
    /// <param name="parameter">The parameter with the attribute.</param>
    /// <param name="outOfProcess">Whether the host passes the value on to a worker in another process.</param>
    public static string? Problem(ParameterInfo parameter, bool outOfProcess)
    {
        var type = parameter.ParameterType;
        if (type.IsByRef)
            return $"the parameter '{parameter.Name}' cannot be ref, out or in.";
        if (outOfProcess && type == typeof(Stream))
            return $"the parameter '{parameter.Name}' cannot have the dataType stream. Leave it out for the event as JSON, or say binary for the whole message.";
        if (Known.ContainsKey(type))
            return null;
        if (IsUserClass(type))
            return WhyNotFilled(type) is { } why ? $"the parameter '{parameter.Name}' cannot be a {type}: {why}" : null;
        var many = type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type) ? "One call gets one message: no array or list, and no 'cardinality'. " : "";
        return $"the parameter '{parameter.Name}' cannot be a {type}. {many}It may be {Supported}.";
    }

    /// <summary>Whether the type is the whole message, which only the server has.</summary>
    public static bool IsWholeMessage(Type type) => type == typeof(MimeMessage) || type == typeof(byte[]) || type == typeof(Stream) || type == typeof(BinaryData);

    public static Task<object?> ToValueAsync(ImapDelivery delivery, Type type, CancellationToken cancellationToken) =>
        Known.TryGetValue(type, out var convert) ? convert(delivery, cancellationToken) : Task.FromResult(Fill(type, delivery.Event));

    private static object? Fill(Type type, ImapEvent message) => JsonSerializer.Deserialize(EventJson.Write(message), type, EventJson.ForUserTypes);

    /// <summary>Tries it with an event that has everything and with one that has nothing but its key.</summary>
    private static string? WhyNotFilled(Type type) => Try(type, SampleEvents.Full, "a message that has everything") ?? Try(type, SampleEvents.Bare, "a message that has nothing but its UID");

    private static string? Try(Type type, ImapEvent message, string which)
    {
        try
        {
            Fill(type, message);
            return null;
        }
        catch (Exception e)
        {
            // Whatever it is, and be it thrown by the class itself: it would be thrown at every message.
            return $"{which} cannot fill it: {e.Message.Split(" | LineNumber")[0]}";
        }
    }

    private static bool IsUserClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, IsArray: false }
        && !typeof(IEnumerable).IsAssignableFrom(type)
        && type.Namespace?.Split('.')[0] is not ("System" or "MimeKit" or "MailKit");
}
