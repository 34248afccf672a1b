// Stand-ins of the few types of Microsoft.Azure.Functions.Worker.* that src/ImapTrigger.Worker and its sample name, for compiling them here.
namespace Microsoft.Azure.Functions.Worker
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class FunctionAttribute(string name) : Attribute
    {
        public string Name { get; } = name;
    }
}

namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions
{
    public abstract class BindingAttribute : Attribute;

    public abstract class TriggerBindingAttribute : BindingAttribute;

    [AttributeUsage(AttributeTargets.Assembly)]
    public sealed class ExtensionInformationAttribute(string extensionPackage, string extensionVersion) : Attribute
    {
        public string ExtensionPackage { get; } = extensionPackage;

        public string ExtensionVersion { get; } = extensionVersion;
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class BindingCapabilitiesAttribute(params string[] capabilities) : Attribute
    {
        public IReadOnlyList<string> Capabilities { get; } = capabilities;
    }

    public static class KnownBindingCapabilities
    {
        public const string FunctionLevelRetry = "FunctionLevelRetry";
    }
}
