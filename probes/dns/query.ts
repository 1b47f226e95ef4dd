import { randomInt } from 'node:crypto';
import { isIPv4 } from 'node:net';
import {
	type Answer,
	AUTHENTIC_DATA,
	CHECKING_DISABLED,
	DNSSEC_OK,
	encode,
	type PacketOpt,
	RECURSION_DESIRED,
	type RecordClass,
	type RecordType,
} from 'dns-packet';
import { encoderType } from './types.ts';

/** What is asked, and how. Plain data. */
export interface Question {
	/** In lower case, without a dot at its end; `.` is the root. */
	readonly name: string;
	/** As `readType` gives it. */
	readonly type: string;
	readonly class: 'IN' | 'CH' | 'HS';
	/** Bytes of an answer by UDP that we can take; 0: nothing is said of it, and no EDNS is spoken. */
	readonly ednsSize: number;
	/** DNSSEC records are wanted. */
	readonly dnssecOk: boolean;
	readonly checkingDisabled: boolean;
	readonly recursionDesired: boolean;
	/** The server is to say whether it has checked the answer. */
	readonly authenticData: boolean;
	readonly nsid: boolean;
	/** `192.0.2.0/24` */
	readonly clientSubnet: string | null;
}

/** A query as it goes over the wire. */
export interface Query {
	readonly id: number;
	readonly bytes: Buffer;
}

/** `id`: 0 where no other query is on the connection, else left out. */
export function makeQuery(question: Question, id = randomInt(65_536)): Query {
	const { name, type, dnssecOk, checkingDisabled, recursionDesired, authenticData } = question;
	const flags =
		(recursionDesired ? RECURSION_DESIRED : 0) |
		(checkingDisabled ? CHECKING_DISABLED : 0) |
		(authenticData ? AUTHENTIC_DATA : 0);
	const bytes = encode({
		type: 'query',
		id,
		flags,
		questions: [{ name, type: encoderType(type) as RecordType, class: question.class as RecordClass }],
		additionals: question.ednsSize === 0 ? [] : [optOf(question, dnssecOk)],
	});
	return { id, bytes };
}

function optOf({ ednsSize, nsid, clientSubnet }: Question, dnssecOk: boolean): Answer {
	const options: PacketOpt[] = [];
	if (nsid) options.push({ code: 3, data: Buffer.alloc(0) } as unknown as PacketOpt);
	if (clientSubnet !== null) options.push(subnetOption(clientSubnet));
	return {
		...{ type: 'OPT', name: '.', udpPayloadSize: ednsSize, extendedRcode: 0, ednsVersion: 0 },
		...{ flags: dnssecOk ? DNSSEC_OK : 0, flag_do: dnssecOk, options },
	};
}

function subnetOption(subnet: string): PacketOpt {
	const [ip = '', bits = ''] = subnet.split('/');
	const sourcePrefixLength = Number(bits);
	return { code: 8, family: isIPv4(ip) ? 1 : 2, sourcePrefixLength, scopePrefixLength: 0, ip };
}
