import {
	type Notification,
	NotifierRefusal,
	type NotifierTools,
	type OpenNotifier,
} from '../../../model/notifier.ts';
import { errorOf, excerptOf, exchange, type HttpMessage } from '../shared/post.ts';
import { readSecret } from '../shared/secret-files.ts';
import { originOf } from '../shared/settings.ts';
import { type PostableAlert, postable } from './alerts.ts';
import { type AlertmanagerSettings, urlsOf } from './settings.ts';

/** Makes ready. Reads the files with secrets anew, so that they can be changed. */
export async function openAlertmanager(
	settings: AlertmanagerSettings,
	{ version, warn }: NotifierTools,
): Promise<OpenNotifier> {
	const [password, token, ca] = await Promise.all([
		settings.password ?? readSecret('password_file', settings.password_file),
		settings.token ?? readSecret('token_file', settings.token_file),
		readSecret('tls_ca_file', settings.tls_ca_file),
	]);
	const { username = '', labels, tls_verify: verifyTls } = settings;
	const headers = {
		'User-Agent': `pingmachine/${version}`,
		'Content-Type': 'application/json',
		...(token !== undefined
			? { Authorization: `Bearer ${token}` }
			: username === ''
				? {}
				: { Authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` }),
	};
	const members = urlsOf(settings).map((url) => {
		const api = `${url.replace(/\/+$/, '')}/api/v2/alerts`;
		return new Member({ url: api, headers, verifyTls, ca }, warn);
	});
	return {
		send: (notification, signal) => sendToAll(members, notification, labels, signal, warn),
		close: async () => {},
	};
}

/** One member is enough: who was down hears of all that fires within a minute after it is back. */
async function sendToAll(
	members: readonly Member[],
	notification: Notification,
	labels: Readonly<Record<string, string>>,
	signal: AbortSignal,
	warn: (message: string) => void,
): Promise<void> {
	const alerts = postable(notification, labels, Date.now() / 1000);
	const settled = await Promise.allSettled(members.map((member) => member.send(alerts, signal)));
	const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
	// What one may take later is not refused.
	const [reason] = [...reasons].sort((a, b) => rank(a) - rank(b));
	if (reason === undefined) return;
	if (reasons.length === members.length) throw reason;
	for (const { message } of reasons) warn(`a member of the cluster was not told: ${message}`);
}

function rank(error: Error): number {
	return error instanceof NotifierRefusal ? 1 : 0;
}

/** One Alertmanager. */
class Member {
	readonly #message: Omit<HttpMessage, 'body'>;
	readonly #warn: (message: string) => void;

	constructor(message: Omit<HttpMessage, 'body'>, warn: (message: string) => void) {
		this.#message = message;
		this.#warn = warn;
	}

	/** All at once; where that is not acceptable, one by one: of a bad one nobody knows which it is. */
	async send(alerts: readonly PostableAlert[], signal: AbortSignal): Promise<void> {
		const answer = await this.#post(alerts, signal);
		if (answer === null) return;
		if (answer.status !== 400 && answer.status !== 413 && answer.status !== 422)
			throw errorOf(answer, originOf(this.#message.url));
		let refused = 0;
		for (const alert of alerts) {
			const single = alerts.length === 1 ? answer : await this.#post([alert], signal);
			if (single === null) continue;
			if (single.status !== 400 && single.status !== 413 && single.status !== 422)
				throw errorOf(single, originOf(this.#message.url));
			refused++;
			const { alertname = '', order = '' } = alert.labels;
			this.#warn(`the alert ${alertname} of ${order} is refused: ${excerptOf(single.text)}`);
		}
		if (refused === alerts.length)
			throw new NotifierRefusal(
				`${originOf(this.#message.url)} answers ${answer.status}: ${excerptOf(answer.text)}`,
			);
	}

	/** Null when all were taken. */
	async #post(alerts: readonly PostableAlert[], signal: AbortSignal) {
		const answer = await exchange({ ...this.#message, body: JSON.stringify(alerts) }, signal);
		return answer.status >= 200 && answer.status < 300 ? null : answer;
	}
}
