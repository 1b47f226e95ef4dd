/** One packet of a trace, and what has become of it. */
export interface Sent {
	readonly number: number;
	readonly ttl: number;
	readonly round: number;
	/** Monotonic milliseconds. */
	readonly sentMs: number;
	/** Nanoseconds of the wall clock since its base; better known when the kernel has told it. */
	sentNs: number;
	receivedNs: number;
	isSendStamped: boolean;
	isReceiveStamped: boolean;
	/** Nothing can be said of it: the clock was set, or answers may have been dropped. */
	isVoid: boolean;
	/** It was to reach the target, however far it is. */
	isDirect: boolean;
	/** Null: no answer until now. */
	answer: TraceAnswer | null;
	/** Bytes with the IP header; null: as few as can be. */
	readonly bytes: number | null;
}

export interface TraceAnswer {
	/** Who answered. */
	readonly from: string;
	/** Of the ICMP error; null: it is an answer of the target. */
	readonly error: { readonly type: number; readonly code: number } | null;
	readonly kind: AnswerKind;
	/** What "packet too long" says. */
	readonly mtu: number | null;
	readonly labels: readonly string[];
}

/** A hop on the way; the target; who says that there is no way; or that the packet is too long. */
export type AnswerKind = 'hop' | 'target' | 'refused' | 'too_long';

export function newSent(
	what: Pick<Sent, 'number' | 'ttl' | 'round' | 'bytes'>,
	sentMs: number,
	sentNs: number,
): Sent {
	return {
		...what,
		...{ sentMs, sentNs, receivedNs: 0, isSendStamped: false, isReceiveStamped: false },
		...{ isVoid: false, isDirect: false, answer: null },
	};
}

/** Seconds; null without an answer, or when the stamps contradict each other. */
export function rttOfSent(sent: Sent, timeoutMs: number): number | null {
	if (sent.answer === null) return null;
	const ns = sent.receivedNs - sent.sentNs;
	return ns > 0 && ns / 1e6 <= timeoutMs ? ns / 1e9 : null;
}

const unreachable4 = 3;
const unreachable6 = 1;

/** What an ICMP error to a packet of a trace means. */
export function kindOfError(
	family: 4 | 6,
	{ type, code }: { readonly type: number; readonly code: number },
	isFromTarget: boolean,
): AnswerKind | null {
	if (family === 4 ? type === 11 && code === 0 : type === 3 && code === 0) return 'hop';
	if (family === 4 ? type === unreachable4 && code === 4 : type === 2) return 'too_long';
	if (type !== (family === 4 ? unreachable4 : unreachable6)) return null;
	const isPort = family === 4 ? code === 3 || code === 2 : code === 4;
	return isPort && isFromTarget ? 'target' : 'refused';
}
