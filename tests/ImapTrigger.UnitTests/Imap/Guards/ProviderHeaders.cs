namespace ImapTrigger.UnitTests.Imap.Guards;

/// <summary>Headers as the big providers write them, made by hand from RFC 8601 and their own ways; top to bottom.</summary>
internal static class ProviderHeaders
{
    public const string Gmail = """
        Delivered-To: ann@gmail.com
        Received: by 2002:a05:6a20:1234:b0:1a2:b3c4 with SMTP id x1csp1;
                Mon, 23 Nov 2026 01:00:02 -0800 (PST)
        X-Received: by 2002:a05:6000:1a87:b0 with SMTP id f7-20020a5d43c7000000b0;
        ARC-Authentication-Results: i=1; mx.google.com;
               dkim=pass header.i=@evil.example;
               dmarc=pass header.from=evil.example
        Return-Path: <bounces@news.contoso.com>
        Received: from mail.contoso.com (mail.contoso.com. [192.0.2.1])
                by mx.google.com with ESMTPS id a1; Mon, 23 Nov 2026 01:00:01 -0800 (PST)
        Received-SPF: pass (google.com: domain of bounces@news.contoso.com designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1;
        Authentication-Results: mx.google.com;
               dkim=pass header.i=@contoso.com header.s=s1 header.b="ab/c=d;e";
               dkim=pass header.i=@esp.example header.s=k1 header.b=xYz;
               spf=pass (google.com: domain of bounces@news.contoso.com designates 192.0.2.1 as permitted sender) smtp.mailfrom=bounces@news.contoso.com;
               dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=contoso.com
        """;

    public const string ExchangeOnline = """
        Received: from AM0PR01MB1234.eurprd01.prod.exchangelabs.com (2603:10a6::1) by
         AS8PR01MB5678.eurprd01.prod.exchangelabs.com with HTTPS; Mon, 23 Nov 2026 09:00:02 +0000
        Received: from mail.contoso.com (192.0.2.1) by
         DB5EUR01FT001.mail.protection.outlook.com (10.152.4.1) with Microsoft SMTP
         Server; Mon, 23 Nov 2026 09:00:01 +0000
        Authentication-Results: spf=pass (sender IP is 192.0.2.1)
         smtp.mailfrom=contoso.com; dkim=pass (signature was verified)
         header.d=contoso.com;dmarc=pass action=none
         header.from=contoso.com;compauth=pass reason=100
        Received-SPF: Pass (protection.outlook.com: domain of contoso.com designates 192.0.2.1 as permitted sender)
        """;

    public const string ExchangeOnlineWithoutPolicy = """
        Received: from mail.contoso.com (192.0.2.1) by DB5EUR01FT001.mail.protection.outlook.com with Microsoft SMTP Server
        Authentication-Results: spf=none (sender IP is 192.0.2.1)
         smtp.mailfrom=mail.contoso.com; ann.onmicrosoft.com; dkim=pass (signature was verified)
         header.d=contoso.com;ann.onmicrosoft.com; dmarc=bestguesspass
         action=none header.from=contoso.com;
        """;

    public const string Yahoo = """
        X-Apparently-To: ann@yahoo.com; Mon, 23 Nov 2026 09:00:01 +0000
        Return-Path: <news@contoso.com>
        Received: from 192.0.2.1 (EHLO mail.contoso.com)
         by 10.222.142.1 with SMTPs
         (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256);
         Mon, 23 Nov 2026 09:00:01 +0000
        Authentication-Results: atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;
         dkim=pass header.i=@contoso.com header.s=s1;
         spf=pass smtp.mailfrom=contoso.com;
         dmarc=pass(p=NONE,sp=NONE) header.from=contoso.com;
        """;

    public const string Fastmail = """
        Return-Path: <news@contoso.com>
        Received: from phl-compute-01.internal (phl-compute-01.phl.internal [10.202.2.1])
         by store01.internal (Cyrus) with LMTPA;
        Received: from phl-mx-01.messagingengine.com ([10.202.2.200])
          by phl-compute-01.internal (MEProxy); Mon, 23 Nov 2026 04:00:01 -0500
        ARC-Authentication-Results: i=1; mx1.messagingengine.com; dmarc=pass
        Authentication-Results: mx1.messagingengine.com;
            x-csa=none;
            x-me-sender=none;
            x-ptr=pass smtp.helo=mail.contoso.com policy.ptr=mail.contoso.com;
            bimi=skipped (DMARC Policy is not at enforcement)
        Authentication-Results: mx1.messagingengine.com;
            arc=none (no signatures found);
            dkim=pass (2048-bit rsa key sha256) header.d=contoso.com
              header.i=@contoso.com header.b=QAkp9J0y header.a=rsa-sha256 header.s=s1
              x-bits=2048;
            dmarc=pass policy.published-domain-policy=none
              policy.applied-disposition=none policy.evaluated-disposition=none
              (p=none,d=none,d.eval=none) policy.policy-from=p
              header.from=contoso.com;
            iprev=pass smtp.remote-ip=192.0.2.1 (mail.contoso.com);
            spf=pass smtp.mailfrom=news@contoso.com smtp.helo=mail.contoso.com
        """;

    public const string ICloud = """
        Received: from p00-icloudmta-asmtp-us-west-3a-60-percent-1 by p125-mailgateway-smtp-1 (mailgateway 2420B22) with SMTP id 1
        X-Apple-MoveToFolder: INBOX
        Received: from mail.contoso.com (mail.contoso.com [192.0.2.1])
        	by p00-icloudmta-asmtp-us-west-3a-60-percent-1 (Postfix) with ESMTPS id 2
        Authentication-Results: bimi.icloud.com; bimi=skipped reason="insufficient dmarc"
        X-ARC-Info: policy=fail; arc=none
        Authentication-Results: arc.icloud.com; arc=none
        Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=contoso.com
        Authentication-Results: dkim-verifier.icloud.com;
        	dkim=pass (2048-bit key) header.d=contoso.com header.i=@contoso.com header.b=tNDh0SgN
        Authentication-Results: spf.icloud.com; spf=pass (spf.icloud.com: domain of news@contoso.com designates 192.0.2.1 as permitted sender) smtp.mailfrom=news@contoso.com
        Received-SPF: pass
        """;

    /// <summary>opendmarc above opendkim above policyd-spf, all above Postfix's own Received.</summary>
    public const string PostfixWithMilters = """
        Return-Path: <news@contoso.com>
        X-Original-To: ann@example.org
        Delivered-To: ann@example.org
        Authentication-Results: mail.example.org; dmarc=pass (p=reject dis=none) header.from=contoso.com
        Authentication-Results: mail.example.org; spf=pass smtp.mailfrom=contoso.com
        Authentication-Results: mail.example.org;
        	dkim=pass (2048-bit key; unprotected) header.d=contoso.com header.i=@contoso.com header.a=rsa-sha256 header.s=s1 header.b=abc;
        	dkim-atps=neutral
        Received: from mail.contoso.com (mail.contoso.com [192.0.2.1])
        	by mail.example.org (Postfix) with ESMTPS id 4Abc for <ann@example.org>; Mon, 23 Nov 2026 10:00:01 +0100 (CET)
        """;

    public const string Rspamd = """
        Authentication-Results: mail.example.org;
        	dkim=pass header.d=contoso.com header.s=s1 header.b=AbC;
        	spf=pass (mail.example.org: domain of news@contoso.com designates 192.0.2.1 as permitted sender) smtp.mailfrom=news@contoso.com;
        	dmarc=pass (policy=reject) header.from=contoso.com
        Received: from mail.contoso.com by mail.example.org with ESMTPS id 1; Mon, 23 Nov 2026 10:00:01 +0100
        """;
}
