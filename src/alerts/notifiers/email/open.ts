import { hostname, userInfo } from 'node:os';
import { createTransport } from 'nodemailer';
import { NotifierRefusal, type NotifierTools, type OpenNotifier } from '../../../model/notifier.ts';
import { readSecret } from '../shared/secret-files.ts';
import { mailOf } from './mail.ts';
import { type EmailSettings, recipientsOf } from './settings.ts';

/** Makes ready. Reads the files with secrets anew, so that they can be changed. Connects for each mail. */
export async function openEmail(settings: EmailSettings, tools: NotifierTools): Promise<OpenNotifier> {
	const [password, ca] = await Promise.all([
		settings.password ?? readSecret('password_file', settings.password_file),
		readSecret('tls_ca_file', settings.tls_ca_file),
	]);
	const { host, port, tls, username, tls_verify: rejectUnauthorized, graph } = settings;
	const { timeoutMs } = tools;
	const transport = createTransport({
		...{ host, port, secure: tls === 'always', requireTLS: tls === 'required', ignoreTLS: tls === 'never' },
		tls: { rejectUnauthorized, ...(ca === undefined ? {} : { ca }) },
		...(username === undefined ? {} : { auth: { user: username, pass: password ?? '' } }),
		...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
		// What is attached is ours; nothing is read from files or URLs.
		...{ disableFileAccess: true, disableUrlAccess: true },
	});
	const destination = `${host}:${port}`;
	const domain = domainOf(hostname());
	const from = settings.from ?? `pingmachine <${userInfo().username}@${domain}>`;
	return {
		send: async (notification, signal) => {
			const { graphsOf, ...mail } = mailOf(notification, domain);
			const attachments = graph ? await graphsFor(graphsOf, tools) : [];
			const abort = () => transport.close();
			signal.addEventListener('abort', abort, { once: true });
			try {
				const to = [...recipientsOf(settings)];
				const { rejected } = await transport.sendMail({ from, to, ...mail, attachments });
				if (rejected.length > 0)
					tools.warn(`${destination} does not take mail for ${rejected.map(String).join(', ')}`);
			} catch (error) {
				throw errorOf(error, destination);
			} finally {
				signal.removeEventListener('abort', abort);
			}
		},
		close: async () => transport.close(),
	};
}

async function graphsFor(ids: readonly string[], { graph, warn }: NotifierTools) {
	const attachments: { filename: string; content: Buffer; contentType: string }[] = [];
	for (const id of ids) {
		// A mail without its picture is better than none.
		const picture = await graph(id).catch((error: Error) => {
			warn(`no graph of ${id}: ${error.message}`);
			return null;
		});
		if (picture === null) continue;
		const filename = `${id.replaceAll(/[^\w.-]/g, '_').slice(0, 100)}.png`;
		attachments.push({ filename, content: Buffer.from(picture), contentType: 'image/png' });
	}
	return attachments;
}

/** Fit for an address. */
function domainOf(name: string): string {
	return /^[A-Za-z0-9.-]{1,200}$/.test(name) ? name : 'localhost';
}

/** Passwords are not in it: the server's words, or the system's. */
function errorOf(error: unknown, destination: string): Error {
	const { code = '', responseCode = 0, message } = error as Error & { code?: string; responseCode?: number };
	const said = message.replaceAll(/\s+/g, ' ').slice(0, 300);
	const isRefused = message.includes('ECONNREFUSED');
	// Of a connection that failed the code says no more than that.
	const isUntrusted = responseCode === 0 && /certificate|altnames/i.test(message);
	const plain = isUntrusted
		? `its certificate is not trusted: ${said}. Name its CA in tls_ca_file`
		: plainWords[isRefused ? 'ECONNREFUSED' : code];
	const words = `${destination}: ${plain ?? said}`;
	// Who may not log in can be let in.
	const mayHeal = code === 'EAUTH' || responseCode < 500 || responseCode === 530 || responseCode === 535;
	return mayHeal ? new Error(words) : new NotifierRefusal(words);
}

const plainWords: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'nothing listens there. Start it, or correct host: and port:',
	ESOCKET: 'no connection. Is host: and port: right, and does it talk TLS as tls: says?',
	ETIMEDOUT: 'no answer in time',
	EDNS: 'unknown host name. Correct host:, or the name service',
	EAUTH: 'it does not take the username and password. Correct them',
};
