using System.Text.Json.Serialization;

namespace ImapTrigger.Worker;

/// <summary>
/// What a message says of how it came to be, by its header and structure; where it says several, the first of <see cref="Bounce"/>, <see cref="Report"/>,
/// <see cref="AutoSubmitted"/>, <see cref="List"/>. A sender who wants to pass for a person says nothing. In JSON <c>normal</c>, <c>autoSubmitted</c>, ...
/// </summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ImapMessageKind>))]
public enum ImapMessageKind
{
    /// <summary>None of the others: as a person writes it.</summary>
    Normal,

    /// <summary>Made by a program: <c>Auto-Submitted</c> (RFC 3834) other than <c>no</c>, or <c>Precedence: bulk, junk or auto_reply</c>.</summary>
    AutoSubmitted,

    /// <summary>A delivery status notification (RFC 3464), or what came from nobody (<c>Return-Path: &lt;&gt;</c>) and does not say that it is an automatic answer.</summary>
    Bounce,

    /// <summary>Sent through a mailing list: <c>List-Id</c> (RFC 2919), <c>List-Post</c> (RFC 2369), or <c>Precedence: list</c>.</summary>
    List,

    /// <summary>Another <c>multipart/report</c> (RFC 6522): a complaint (RFC 5965), a receipt (RFC 8098), ...</summary>
    Report,
}
