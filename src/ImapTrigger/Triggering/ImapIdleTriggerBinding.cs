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
        var delivery = value as ImapDelivery ?? ByHand(value);
        return Task.FromResult<ITriggerData>(new TriggerData(new ValueProvider(delivery, parameter.ParameterType, context), BindingData.Of(delivery.Event))
        {
            ReturnValueProvider = trigger.Actions.Verdicts == VerdictUse.Off ? ReturnValueBinder.None : new ReturnValueBinder(delivery),
        });
    }

    public Task<IListener> CreateListenerAsync(ListenerFactoryContext context) => listeners.CreateAsync(trigger, context.Descriptor, context.Executor, context.CancellationToken);

    public ParameterDescriptor ToParameterDescriptor() => new Descriptor
    {
        Name = parameter.Name,
        Type = "ImapIdleTrigger",
        DisplayHints = new ParameterDisplayHints { Description = $"Mail in {trigger.Folder} of '{trigger.Source.Connection}'", Prompt = "An event as JSON" },
    };

    /// <summary>Run by hand, from the portal, the admin API or <c>JobHost.CallAsync</c>: an event, mostly as JSON.</summary>
    private ImapDelivery ByHand(object value)
    {
        if (ParameterKind.IsWholeMessage(parameter.ParameterType))
            throw new InvalidOperationException($"The parameter '{parameter.Name}' is the whole message, which only a mail server has: send one to the mailbox instead of running the function by hand.");
        if (value is ImapEvent message)
            return new ImapDelivery(message);
        try
        {
            return new ImapDelivery(EventJson.Read(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"To run an IMAP function by hand, send an event as JSON with at least account, folder, uidValidity and uid. {e.Message.Split(" | LineNumber")[0]}", e);
        }
    }

    /// <summary>The host says what a call is for: "Executing 'Functions.OnMail' (Reason='mail 4711 in INBOX', ...)".</summary>
    internal sealed class Descriptor : TriggerParameterDescriptor
    {
        public override string? GetTriggerReason(IDictionary<string, string> arguments) =>
            FunctionCall.Beginning.Value is { Event: var message } ? $"mail {message.Uid} in {message.Folder}" : base.GetTriggerReason(arguments);
    }

    private sealed class ValueProvider(ImapDelivery delivery, Type type, ValueBindingContext context) : IValueProvider
    {
        public Type Type => type;

        public async Task<object?> GetValueAsync() => await ParameterKind.ToValueAsync(delivery, type, context.FunctionCancellationToken);

        public string ToInvokeString() => $"{delivery.Event.Folder}/{delivery.Event.UidValidity}/{delivery.Event.Uid}";
    }
}
