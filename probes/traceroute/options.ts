import { z } from 'zod';
import { once } from '../../src/model/once.ts';
import type { ProbeFinding, ProbeOptions, Timing } from '../../src/model/probe.ts';
import { spanAsNumber } from '../../src/model/span.ts';
import { addressingOf, type IcmpOptions } from '../icmp/index.ts';
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

export interface TracerouteOptions extends AddressingOptions, ProbeOptions {
	readonly family?: 4 | 6 | 'auto' | undefined;
	readonly protocol: 'icmp' | 'udp' | 'tcp';
	/** Of udp and tcp. */
	readonly port?: number | undefined;
	readonly first_hop: number;
	readonly max_hop: number;
	/** After so many hops in a row without an answer, no further ones are asked. */
	readonly gap_limit: number;
	/** 0 to 255. */
	readonly tos?: number | undefined;
	/** Milliseconds. */
	readonly timeout?: number | undefined;
	/** Whether to find the longest packet that gets through. */
	readonly mtu: boolean;
}

function hops(least: number, most: number, usual: number) {
	return numeric(z.int().min(least).max(most)).transform((value) => value ?? usual);
}

export const tracerouteOptions = once(() =>
	z.strictObject({
		host: hostOption(),
		interface: interfaceOption().optional(),
		source_ip: sourceIpOption().optional(),
		ipv6: flagOption(),
		family: familyChoice(),
		protocol: z.enum(['icmp', 'udp', 'tcp']).default('icmp'),
		port: numeric(z.int().min(1).max(65_535)),
		first_hop: hops(1, 254, 1),
		max_hop: hops(1, 255, 30),
		gap_limit: hops(1, 32, 5),
		tos: numeric(z.int().min(0).max(255)),
		timeout: z.preprocess(spanAsNumber('ms'), z.number().min(10).transform(Math.round).optional()),
		mtu: flagOption().transform((flag) => flag === true),
	}),
);

/** Where traceroute programs begin. */
const usualPorts = { icmp: 0, udp: 33_434, tcp: 80 } as const;

export function portOf({ protocol, port }: TracerouteOptions): number {
	return port ?? usualPorts[protocol];
}

/** An order may wait so much of its step for an answer. */
const timeoutShare = 0.4;

export function checkTraceroute(options: TracerouteOptions, { stepSeconds }: Timing): ProbeFinding[] {
	const { ipv6, family, protocol, port, first_hop: first, max_hop: max, mtu, timeout } = options;
	const findings: ProbeFinding[] = [];
	if (ipv6 !== undefined && family !== undefined)
		findings.push({ key: 'family', message: 'and ipv6 are both given. Leave out one of them' });
	else findings.push(...checkAddressing(addressingOf(options as unknown as IcmpOptions)));
	if (protocol === 'icmp' && port !== undefined)
		findings.push({ key: 'port', message: 'goes with protocol udp or tcp: icmp has no ports. Leave it out' });
	if (first > max)
		findings.push({
			key: 'first_hop',
			message: `${first} is behind max_hop, ${max}. Write at most ${max}`,
		});
	if (mtu && protocol === 'tcp')
		findings.push({ key: 'mtu', message: 'cannot be found with protocol tcp. Write icmp or udp' });
	const stepMs = stepSeconds * 1000;
	if (timeout !== undefined && timeout > stepMs * timeoutShare)
		findings.push({
			key: 'timeout',
			message: `${timeout} ms leave too little of a step of ${stepSeconds} s. Write at most ${stepMs * timeoutShare}`,
		});
	return findings;
}
