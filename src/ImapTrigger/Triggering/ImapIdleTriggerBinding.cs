using System.Globalization;
using System.Reflection;
using System.Text.Json;
using ImapTrigger.Delivery;
using ImapTrigger.Listening;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Azure.WebJobs.Host.Bindings;
using Microsoft.Azure.WebJobs.Host.Listeners;
using Microsoft.Azure.WebJobs.Host.Protocols;
using Microsoft.Azure.WebJobs.Host.Triggers;

namespace ImapTrigger.Triggering;

/// <summary>One function's trigger: makes its listener, and turns deliveries into values of its parameter.</summary>
[SupportsRetry]
internal sealed class ImapIdleTriggerBinding(ParameterInfo parameter, TriggerSettings trigger, ImapIdleListenerFactory listeners) : ITriggerBinding
{
    public Type TriggerValueType => typeof(ImapDelivery);

    public IReadOnlyDictionary<string, Type> BindingDataContract => BindingData.Contract;

    public Task<ITriggerData> BindAsync(object value, ValueBindingContext context)
    {
        var delivery = value as ImapDelivery ?? FromJson(value);
        return Task.FromResult<ITriggerData>(new TriggerData(new ValueProvider(delivery, parameter.ParameterType, context), BindingData.Of(delivery.Event)));
    }

    public Task<IListener> CreateListenerAsync(ListenerFactoryContext context) => listeners.CreateAsync(trigger, context.Descriptor, context.Executor, context.CancellationToken);

    public ParameterDescriptor ToParameterDescriptor() => new TriggerParameterDescriptor
    {
        Name = parameter.Name,
        Type = "ImapIdleTrigger",
        DisplayHints = new ParameterDisplayHints { Description = $"Mail in {string.Join(", ", trigger.Mailboxes)}", Prompt = "An event as JSON" },
    };

    /// <summary>Run by hand, from the portal or the admin API: the body is an event as JSON.</summary>
    private static ImapDelivery FromJson(object value)
    {
        try
        {
            var json = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            var message = JsonSerializer.Deserialize(json, EventJson.Default.ImapEvent) ?? throw new JsonException("The JSON is null.");
            return new ImapDelivery(message);
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException(
                "To run an IMAP function by hand, send an event as JSON with at least account, folder, uidValidity and uid.", e);
        }
    }

    private sealed class ValueProvider(ImapDelivery delivery, Type type, ValueBindingContext context) : IValueProvider
    {
        public Type Type => type;

        public async Task<object?> GetValueAsync() => await ParameterKind.ToValueAsync(delivery, type, context.FunctionCancellationToken);

        public string ToInvokeString() => $"{delivery.Event.Folder}/{delivery.Event.UidValidity}/{delivery.Event.Uid}";
    }
}
