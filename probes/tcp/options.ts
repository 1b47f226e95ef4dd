import { z } from 'zod';
import { once } from '../../src/model/once.ts';
import type { ProbeFinding, Timing } from '../../src/model/probe.ts';
import { flagOption, hostOption, sourceIpOption } from '../shared/addressing.ts';
import { checkInterval, intervalOption } from '../shared/fping-pace.ts';
import { patternOption } from '../shared/pattern.ts';
import { familyOption, timeoutOption } from '../shared/timing/options.ts';
import { checkTls, type TlsOptions, tlsOptions } from '../shared/tls/options.ts';
import { starttlsProtocols } from './starttls.ts';

export interface TcpOptions extends Readonly<Record<string, unknown>>, TlsOptions {
	readonly host: string;
	readonly port: number;
	/** Speak TLS from the beginning. */
	readonly tls?: boolean | undefined;
	/** Ask for TLS first, as this protocol does. */
	readonly starttls?: (typeof starttlsProtocols)[number] | undefined;
	/** What is sent when the connection stands, and TLS. */
	readonly send?: string | undefined;
	/** What has to come: a pattern. */
	readonly expect?: string | undefined;
	readonly family: 4 | 6 | 'auto';
	readonly source_ip?: string | undefined;
	/** Milliseconds between the pings to one host. */
	readonly interval?: number | undefined;
	readonly timeout?: number | undefined;
}

const portMax = 65_535;
const sendMax = 8192;

export const tcpOptions = once(() =>
	z.strictObject({
		host: hostOption(),
		port: z.preprocess(
			(value) => (typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value),
			z.int().min(1).max(portMax),
		),
		tls: flagOption(),
		starttls: z.enum(starttlsProtocols).optional(),
		send: z.string().min(1).max(sendMax).optional(),
		expect: patternOption().optional(),
		...tlsOptions,
		family: familyOption(),
		source_ip: sourceIpOption().optional(),
		interval: intervalOption(),
		timeout: timeoutOption(),
	}),
);

/** What the schema cannot say. */
export function checkTcp(options: TcpOptions, timing: Timing): ProbeFinding[] {
	const { host, tls, starttls } = options;
	const findings: ProbeFinding[] = [...checkTls(options), ...checkInterval(options.interval, timing)];
	const say = (key: string, message: string) => findings.push({ key, message });
	if (starttls !== undefined && tls === true)
		say('tls', 'is from the beginning, and starttls later. Leave out one of them');
	if (starttls === undefined && tls !== true)
		for (const key of Object.keys(tlsOptions))
			if (options[key] !== undefined) say(key, 'needs TLS. Add tls: true, or starttls');
	if (/^fe[89ab][\da-f]:/i.test(host) && !host.includes('%'))
		say('host', `is a link-local address. Say on which interface: write ${host}%eth0`);
	return findings;
}
