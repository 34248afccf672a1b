const { app, trigger } = require('@azure/functions');

app.generic('OnMail', {
    trigger: trigger.generic({ type: 'imapIdleTrigger', name: 'mail', folder: 'INBOX', connection: 'Imap' }),
    handler: async (mail, context) => {
        // The event comes as JSON; some versions of the worker have parsed it already.
        const event = typeof mail === 'string' ? JSON.parse(mail) : mail;
        context.log(`UID ${event.uid}: "${event.subject}" from ${event.from[0]?.address ?? 'nobody'}`);
    },
});
