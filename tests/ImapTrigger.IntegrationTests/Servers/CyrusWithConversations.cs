namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Cyrus with its makers' defaults, not Debian's, and conversations: its messages have a THREADID.</summary>
public sealed class CyrusWithConversations()
    : CyrusServer(new ServerTraits { Name = "Cyrus, conversations" }, "altnamespace: yes\nunixhierarchysep: yes\nconversations: yes\n");
