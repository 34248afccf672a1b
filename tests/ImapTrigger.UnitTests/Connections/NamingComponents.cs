using Azure.Core;
using ImapTrigger.Connections;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.UnitTests.Connections;

/// <summary>Credentials whose tokens name what they were made of and asked for.</summary>
internal sealed class NamingComponents : AzureComponentFactory
{
    /// <summary>Of these identities; what else there is to ask answers nothing.</summary>
    public static AccessTokens Tokens(TokenEndpoint? endpoint = null, TimeProvider? time = null, params IImapTokenProvider[] providers) =>
        new(new NamingComponents(), endpoint ?? new TokenEndpoint(new HttpClientHandler()), providers, time ?? TimeProvider.System);

    public override TokenCredential CreateTokenCredential(IConfiguration configuration) => DelegatedTokenCredential.Create((request, _) =>
        new AccessToken($"{configuration["tenantId"]}/{configuration["clientId"]}/{request.Scopes[0]}", DateTimeOffset.MaxValue));

    public override object CreateClientOptions(Type optionsType, object serviceVersion, IConfiguration configuration) => throw new NotSupportedException();

    public override object CreateClient(Type clientType, IConfiguration configuration, TokenCredential credential, object clientOptions) => throw new NotSupportedException();
}
