import { z } from 'zod';
import { once } from '../../src/model/once.ts';
import type { ProbeFinding, ProbeOptions, Timing } from '../../src/model/probe.ts';
import { spanAsNumber } from '../../src/model/span.ts';
import {
	type AddressingOptions,
	checkAddressing,
	familyChoice,
	flagOption,
	hostOption,
	interfaceOption,
	sourceIpOption,
} from '../shared/addressing.ts';
import { numeric } from '../shared/numeric.ts';
import { leastSize } from './engine/echo-format.ts';
import { leastIntervalMs, leastTimeoutMs } from './pace.ts';

export interface IcmpOptions extends AddressingOptions, ProbeOptions {
	/** Which addresses of a name are looked up; `auto`: IPv4, or IPv6 when there is none. */
	readonly family?: 4 | 6 | 'auto' | undefined;
	/** Bytes of payload. */
	readonly size?: number | undefined;
	/** 0 to 63. */
	readonly dscp?: number | undefined;
	/** 0 to 255. */
	readonly tos?: number | undefined;
	/** Time to live, or hop limit. */
	readonly ttl?: number | undefined;
	/** Routers must not fragment it. */
	readonly df?: boolean | undefined;
	readonly fwmark?: number | undefined;
	/** Milliseconds between the pings to one host. */
	readonly interval?: number | undefined;
	/** Milliseconds. */
	readonly timeout?: number | undefined;
}

/** Orders that differ in less can share a batch. */
function wholeMs(least: number) {
	return z.preprocess(spanAsNumber('ms'), z.number().min(least).transform(Math.round).optional());
}

/** Without fragments on networks with jumbo frames. */
const largestSize = 8972;

/** RFC 4594's names: cs1, af11, ef. */
function dscpOf(name: string): number | null {
	const [, kind, a = '', b = ''] = /^(cs|af|ef)([0-7])?([1-3])?$/.exec(name.trim().toLowerCase()) ?? [];
	if (kind === 'ef' && a === '') return 46;
	if (kind === 'cs' && a !== '' && b === '') return Number(a) * 8;
	return kind === 'af' && /[1-4]/.test(a) && b !== '' ? Number(a) * 8 + Number(b) * 2 : null;
}

export const burstSetting = once(() => z.int().min(1).max(1000).optional());

export const icmpSettings = once(() => z.strictObject({ burst: burstSetting() }));

export const icmpOptions = once(() =>
	z.strictObject({
		host: hostOption(),
		interface: interfaceOption().optional(),
		source_ip: sourceIpOption().optional(),
		ipv6: flagOption(),
		family: familyChoice(),
		size: numeric(z.int().min(leastSize).max(largestSize)),
		dscp: z.preprocess(
			(value) =>
				typeof value === 'string' ? (dscpOf(value) ?? (value.trim() === '' ? value : Number(value))) : value,
			z.int('must be a number from 0 to 63, or a name such as ef, cs1 or af41').min(0).max(63).optional(),
		),
		tos: numeric(z.int().min(0).max(255)),
		ttl: numeric(z.int().min(1).max(255)),
		df: flagOption(),
		fwmark: numeric(z.int().min(0).max(0xffff_ffff)),
		interval: wholeMs(leastIntervalMs),
		timeout: wholeMs(leastTimeoutMs),
	}),
);

/** `ipv6` and `family` say the same; of a name with `auto` the source address says it. */
export function addressingOf(options: IcmpOptions): AddressingOptions {
	const { host, interface: device, source_ip, ipv6, family } = options;
	const fromSource = family === 'auto' && source_ip !== undefined ? source_ip.includes(':') : undefined;
	const asFlag = family === 6 ? true : family === 4 ? false : fromSource;
	return { host, interface: device, source_ip, ipv6: asFlag ?? ipv6 };
}

export function checkIcmp(options: IcmpOptions, { stepSeconds, pings }: Timing): ProbeFinding[] {
	const { ipv6, family, dscp, tos, interval, timeout } = options;
	const findings: ProbeFinding[] = [];
	if (ipv6 !== undefined && family !== undefined) {
		findings.push({ key: 'family', message: 'and ipv6 are both given. Leave out one of them' });
	} else {
		findings.push(...checkAddressing(addressingOf(options)).map((finding) => inOwnWords(finding, family)));
	}
	if (dscp !== undefined && tos !== undefined) {
		findings.push({
			key: 'tos',
			message: 'and dscp are both given, but dscp is a part of tos. Leave out one of them',
		});
	}
	const stepMs = stepSeconds * 1000;
	const longest = Math.floor(stepMs / pings);
	if (interval !== undefined && pings > 1 && interval > longest) {
		const message = `${pings} pings every ${interval} ms do not fit into a step of ${stepSeconds} s. Write at most ${longest}`;
		findings.push({ key: 'interval', message });
	}
	if (timeout !== undefined && timeout > stepMs * timeoutShare) {
		const message = `${timeout} ms leave too little of a step of ${stepSeconds} s. Write at most ${stepMs * timeoutShare}`;
		findings.push({ key: 'timeout', message });
	}
	return findings;
}

/** An order may wait so much of its step for an answer. */
const timeoutShare = 0.4;

/** An order that says `family` is not told of `ipv6`. */
function inOwnWords(finding: ProbeFinding, family: IcmpOptions['family']): ProbeFinding {
	if (family === undefined) return finding;
	const message = finding.message
		.replace(/^is (?:true|false), /, `is ${family}, `)
		.replace('Add ipv6: true', 'Write family: 6')
		.replace('Leave out ipv6: true', 'Write family: 4');
	return { key: finding.key === 'ipv6' ? 'family' : finding.key, message };
}
