import { type Hop, hopText } from '../../../src/model/hop.ts';
import { icmpErrorText, sendErrorCode, sendErrorText } from './icmp-errors.ts';
import type { TracedTarget } from './trace-messages.ts';
import { rttOfSent, type Sent } from './trace-sent.ts';
import type { TraceTarget } from './trace-target.ts';

/** What one packet, or that of another target, tells of a hop. */
interface Telling {
	readonly sent: Sent;
	readonly isShared: boolean;
}

/** Sums up the tracing of a target. */
export function reportOf(
	target: TraceTarget,
	family: 4 | 6,
	nowMs: number,
	baseSeconds: number,
): TracedTarget {
	const { timeoutMs } = target.parts.request;
	const samples = target.samples.filter((sent) => sent !== undefined && isKnown(sent, nowMs, timeoutMs));
	if (samples.length === 0) return failureOf(target);
	const sentAtSeconds: number[] = [];
	const rttSeconds: (number | null)[] = [];
	const lossReasons: Record<string, number> = {};
	let isByKernel = true;
	for (const sent of samples) {
		if (sent === undefined) continue;
		const rtt = sent.answer?.kind === 'target' ? rttOfSent(sent, timeoutMs) : null;
		sentAtSeconds.push(baseSeconds + sent.sentNs / 1e9);
		rttSeconds.push(rtt);
		if (rtt !== null) isByKernel &&= sent.isSendStamped && sent.isReceiveStamped;
		const reason = rtt === null ? reasonOf(sent, family) : null;
		if (reason !== null) lossReasons[reason] = (lossReasons[reason] ?? 0) + 1;
	}
	const { hops, reached } = hopsOf(target, nowMs);
	return {
		...{ sentAtSeconds, rttSeconds, lossReasons, hops, reached, isByKernel },
		pathMtu: target.pathMtu,
		transmitSeen: target.sent.some(({ isSendStamped }) => isSendStamped),
	};
}

function isKnown(sent: Sent, nowMs: number, timeoutMs: number): boolean {
	if (sent.isVoid) return false;
	return sent.answer !== null || nowMs - sent.sentMs >= timeoutMs;
}

function reasonOf({ answer }: Sent, family: 4 | 6): string | null {
	if (answer === null) return null;
	if (answer.error === null) return 'answered after the timeout';
	const { type, code } = answer.error;
	return `${icmpErrorText(family, type, code)} from ${answer.from}`;
}

function failureOf(target: TraceTarget): TracedTarget {
	const { refusal, sent } = target;
	if (refusal !== null) return { code: sendErrorCode(refusal), failure: sendErrorText(refusal) };
	if (sent.some(({ isVoid }) => isVoid))
		return { code: 'clock', failure: 'the clock was set while the packets were under way' };
	return { code: 'stopped', failure: 'stopped before a ping was over' };
}

function hopsOf(target: TraceTarget, nowMs: number): { hops: (string | null)[]; reached: boolean } {
	const { request, address } = target.parts;
	const tellings = new Map<number, Telling[]>();
	const add = (ttl: number, telling: Telling) => {
		const list = tellings.get(ttl);
		if (list === undefined) tellings.set(ttl, [telling]);
		else list.push(telling);
	};
	const direct: Telling[] = [];
	for (const sent of target.sent) {
		if (sent.bytes !== null || !isKnown(sent, nowMs, request.timeoutMs)) continue;
		if (sent.isDirect) direct.push({ sent, isShared: false });
		else add(sent.ttl, { sent, isShared: false });
	}
	for (const { ttl, ask } of target.shares) {
		const { answer } = ask.sent;
		const isOfRouter = answer === null || answer.from === ask.router;
		if (isOfRouter && isKnown(ask.sent, nowMs, request.timeoutMs))
			add(ttl, { sent: ask.sent, isShared: true });
	}
	const { length, reached } = target.way;
	const hops: (Hop | null)[] = [];
	for (let ttl = request.firstHop; ttl <= length; ttl++) {
		const own = tellings.get(ttl) ?? [];
		const isLast = reached && ttl === length;
		hops.push(hopOf(isLast ? [...own, ...direct] : own, target, isLast));
	}
	const answeredDirectly = direct.some(({ sent }) => sent.answer?.kind === 'target');
	if (!reached && answeredDirectly) hops.push(null, hopOf(direct, target, true));
	withMtus(hops, target);
	return {
		hops: hops.map((hop) => (hop === null ? null : hopText(hop))),
		reached: hops.some((hop) => hop?.isTarget === true && hop.addresses.includes(address)),
	};
}

/** `isTarget`: it is where the target was seen. */
function hopOf(tellings: readonly Telling[], target: TraceTarget, isTarget: boolean): Hop | null {
	const { timeoutMs } = target.parts.request;
	const addresses: string[] = [];
	const rtts: number[] = [];
	let [lost, code, labels]: [number, string | undefined, readonly string[]] = [0, undefined, []];
	for (const { sent } of tellings) {
		const { answer } = sent;
		const rtt = rttOfSent(sent, timeoutMs);
		if (rtt === null) lost++;
		else rtts.push(rtt);
		if (answer === null) continue;
		if (!addresses.includes(answer.from)) addresses.push(answer.from);
		if (answer.kind === 'refused' && answer.error !== null)
			code = `${answer.error.type}/${answer.error.code}`;
		if (answer.labels.length > 0) labels = answer.labels;
	}
	if (addresses.length === 0) return null;
	rtts.sort((a, b) => a - b);
	return {
		...{ addresses: addresses.sort(), lost, sent: tellings.length, code },
		minSeconds: rtts[0] ?? null,
		medianSeconds: rtts[Math.floor(rtts.length / 2)] ?? null,
		maxSeconds: rtts.at(-1) ?? null,
		mpls: labels,
		isShared: tellings.every(({ isShared }) => isShared),
		isTarget: isTarget && tellings.some(({ sent }) => sent.answer?.kind === 'target'),
	};
}

/** Routers that have said how long a packet may be. */
function withMtus(hops: (Hop | null)[], { sent, pathMtu }: TraceTarget): void {
	const mtus = new Map<string, number>();
	for (const { answer } of sent)
		if (answer?.kind === 'too_long' && answer.mtu !== null) mtus.set(answer.from, answer.mtu);
	for (const [at, hop] of hops.entries()) {
		if (hop === null) continue;
		const mtu = hop.addresses.map((address) => mtus.get(address)).find((one) => one !== undefined);
		if (mtu !== undefined) hops[at] = { ...hop, mtu };
		else if (hop.isTarget === true && pathMtu !== null) hops[at] = { ...hop, mtu: pathMtu };
	}
}
