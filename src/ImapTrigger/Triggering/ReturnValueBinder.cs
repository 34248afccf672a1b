using ImapTrigger.Delivery;
using Microsoft.Azure.WebJobs.Host.Bindings;

namespace ImapTrigger.Triggering;

/// <summary>
/// Takes what the function returns and keeps it, no more: an exception here would fail the function after its outputs were written, and outputs of a function in the host's process are
/// written later.
/// </summary>
/// <param name="delivery">Where it is kept; null when it is for nobody.</param>
internal sealed class ReturnValueBinder(ImapDelivery? delivery) : IValueBinder
{
    /// <summary>The host's name for the return value.</summary>
    public const string Name = "$return";

    /// <summary>Without it in the contract no function in another process would be bound at all.</summary>
    public static Type ValueType { get; } = typeof(object).MakeByRefType();

    /// <summary>For functions whose return value is no verdict.</summary>
    public static ReturnValueBinder None { get; } = new(null);

    public Type Type => ValueType;

    public Task<object?> GetValueAsync() => Task.FromResult<object?>(null);

    public Task SetValueAsync(object? value, CancellationToken cancellationToken)
    {
        if (delivery is not null)
            delivery.Returned = value;
        return Task.CompletedTask;
    }

    public string ToInvokeString() => "";
}
