using System.Reflection;
using Microsoft.Azure.WebJobs.Description;

namespace ImapTrigger.Triggering;

/// <summary>What a function may return. The trigger takes return values, so the host does not look at them any more.</summary>
internal static class ReturnKind
{
    private static readonly Type[] Verdicts = [typeof(MailVerdict), typeof(string), typeof(object)];

    /// <summary>What is wrong with it, or null. Of a function in another process the host knows nothing.</summary>
    public static string? Problem(MethodInfo? function, bool verdicts)
    {
        if (function is null || function.Module.Assembly.IsDynamic)
            return null;
        var type = function.ReturnType;
        if (!typeof(Task).IsAssignableFrom(type) && type.GetMethod("GetAwaiter", Type.EmptyTypes) is not null)
            return $"it returns {NameOf(type)}, which the host does not await: the call would count as succeeded before it has ended. Return a Task.";
        var value = ValueOf(type);
        var ownBinding = function.ReturnParameter.GetCustomAttributes(inherit: false).Any(attribute => attribute.GetType().IsDefined(typeof(BindingAttribute)));
        if (!verdicts)
        {
            return value is null || ownBinding ? null
                : $"it returns {NameOf(value)}, which nobody takes. {(Verdicts.Contains(value) ? "Set Verdicts = true, if it is a verdict on the message. " : "")}Else return nothing, or give the return value a binding.";
        }

        if (value is null)
            return "Verdicts is true, but it returns nothing. Return a MailVerdict, or a string.";
        if (ownBinding)
            return "Verdicts is true, but its return value goes to a binding of its own. Use an out parameter or a collector for that.";
        return IsVerdict(value) ? null : $"Verdicts is true, but it returns {NameOf(value)}. A verdict is a MailVerdict, or a string.";
    }

    private static bool IsVerdict(Type type) => Verdicts.Contains(type) || type.Namespace is "Newtonsoft.Json.Linq" or "System.Text.Json"
        || (type != typeof(byte[]) && ElementOf(type) is { } element && IsVerdict(element));

    private static Type? ElementOf(Type type) => type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericArguments() is [var only] && typeof(System.Collections.IEnumerable).IsAssignableFrom(type) ? only : null;

    /// <summary>What comes of it; null when nothing does.</summary>
    private static Type? ValueOf(Type type) =>
        type == typeof(void) || type == typeof(Task) ? null : typeof(Task).IsAssignableFrom(type) && type.IsGenericType ? type.GetGenericArguments()[0] : type;

    private static string NameOf(Type type) => type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>" : type.Name;
}
