using Mono.Cecil;
using Mono.Cecil.Rocks;

namespace ImapTrigger.UnitTests;

/// <summary>The directions of ARCHITECTURE.md, read from the compiled assembly.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        [""] = [],
        ["Diagnostics"] = ["", "Imap", "Listening", "Delivery"],
        ["Imap"] = [""],
        ["Filtering"] = [""],
        ["Supervision"] = ["Diagnostics"],
        ["Ownership"] = ["", "Supervision", "Diagnostics"],
        ["Connections"] = ["", "Diagnostics"],
        ["Mailboxes"] = ["", "Connections", "Diagnostics"],
        ["Delivery"] = ["", "Filtering", "Ownership", "Supervision", "Diagnostics"],
        ["Scaling"] = ["", "Ownership"],
        ["Listening"] = ["", "Imap", "Delivery", "Filtering", "Ownership", "Supervision", "Scaling", "Diagnostics"],
        ["Triggering"] = ["", "Filtering", "Delivery", "Listening", "Connections", "Mailboxes", "Diagnostics"],
        ["Hosting"] = ["", "Imap", "Delivery", "Listening", "Ownership", "Connections", "Mailboxes", "Scaling", "Triggering", "Diagnostics"],
    };

    [Fact]
    public void Rooms_use_only_the_rooms_they_may()
    {
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(ImapEvent).Assembly.Location);
        var broken = from type in assembly.MainModule.GetAllTypes()
                     let room = RoomOf(type)
                     where room is not null
                     from used in Uses(type)
                     let usedRoom = RoomOf(used)
                     where usedRoom is not null && usedRoom != room && !MayUse[room].Contains(usedRoom)
                     select $"{type.FullName} ({room}) uses {used.FullName} ({usedRoom})";
        Assert.Empty(broken.Distinct());
    }

    [Theory]
    [InlineData("MailKit", "Imap")]
    [InlineData("Azure.Storage", "Ownership.Blobs", "Connections")]
    public void A_library_is_named_only_in_its_room(string library, params string[] rooms)
    {
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(ImapEvent).Assembly.Location);
        var broken = from type in assembly.MainModule.GetAllTypes()
                     let room = NamespaceOf(type)
                     where !rooms.Any(allowed => room == $"ImapTrigger.{allowed}")
                     from used in Uses(type)
                     where NamespaceOf(used).StartsWith(library, StringComparison.Ordinal)
                     select $"{type.FullName} names {used.FullName}";
        Assert.Empty(broken.Distinct());
    }

    private static string NamespaceOf(TypeReference type) => type.DeclaringType is { } outer ? NamespaceOf(outer) : type.Namespace;

    private static string? RoomOf(TypeReference type)
    {
        var parts = NamespaceOf(type).Split('.');
        return parts[0] != "ImapTrigger" ? null : parts.ElementAtOrDefault(1) ?? "";
    }

    private static IEnumerable<TypeReference> Uses(TypeDefinition type)
    {
        var signatures = type.Methods.SelectMany(method => method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType));
        var bodies = type.Methods.Where(method => method.HasBody).SelectMany(method => method.Body.Instructions.Select(instruction => instruction.Operand)
            .Select(operand => operand switch
            {
                TypeReference used => used,
                MemberReference member => member.DeclaringType,
                _ => null,
            })
            .Concat(method.Body.Variables.Select(variable => variable.VariableType)));
        return signatures.Concat(bodies).Concat(type.Fields.Select(field => field.FieldType)).Append(type.BaseType).Concat(type.Interfaces.Select(i => i.InterfaceType))
            .OfType<TypeReference>().SelectMany(Parts);
    }

    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType),
        TypeSpecification wrapped => Parts(wrapped.ElementType),
        _ => [type],
    };
}
