// The peer from Node.js: ImapFlow as its documentation shows it, with the metadata that the trigger fetches. The contract is that of Peers/Watch.cs.
import { ImapFlow } from 'imapflow';

const { BENCH_HOST: host, BENCH_PORT: port, BENCH_FIRST: first, BENCH_COUNT: count, BENCH_FINGERPRINT: fingerprint, BENCH_KNOWN: known } = process.env;
const items = { uid: true, envelope: true, flags: true, internalDate: true, size: true, bodyStructure: true };

let lines = '';
function handle(mailbox, uid) {
    if (!lines) {
        setTimeout(() => {
            process.stdout.write(lines);
            lines = '';
        }, 20);
    }
    lines += `${mailbox} ${uid} ${process.hrtime.bigint()}\n`;
}

async function watch(mailbox, loggedIn) {
    const client = new ImapFlow({
        host, port: Number(port), secure: !!fingerprint, doSTARTTLS: false, auth: { user: `u${mailbox}`, pass: 'secret' }, logger: false,
        // Checked below, as by the others.
        tls: { rejectUnauthorized: false }
    });
    client.on('error', fail);
    await client.connect();
    if (fingerprint && client.socket.getPeerCertificate().fingerprint256.replaceAll(':', '') !== fingerprint)
        fail(new Error('another certificate'));
    let seen = known === undefined ? (await client.mailboxOpen('INBOX', { readOnly: true })).exists : (await client.mailboxOpen('INBOX', { readOnly: true }), Number(known));
    loggedIn();
    let busy = false;
    async function fetchNew() {
        if (busy)
            return;
        busy = true;
        while (client.mailbox.exists > seen) {
            for await (const message of client.fetch(`${seen + 1}:*`, items)) {
                seen = Math.max(seen, message.seq);
                handle(mailbox, message.uid);
            }
        }
        busy = false;
        client.idle().catch(fail);
    }
    client.on('exists', () => fetchNew().catch(fail));
    await fetchNew();
}

function fail(error) {
    console.error(error.stack);
    process.exit(1);
}

process.stdin.on('end', () => process.exit(0)).resume();
const waiting = Array.from({ length: Number(count) }, (_, i) => Number(first) + i);
async function next() {
    for (let mailbox; (mailbox = waiting.shift()) !== undefined;)
        await new Promise((resolve, reject) => watch(mailbox, resolve).catch(reject));
}
Promise.all(Array.from({ length: 16 }, next)).catch(fail);
