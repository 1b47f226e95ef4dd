import type { ReasonCode } from '../../../src/model/outcome.ts';
import type { ToThread } from '../../shared/worker-thread.ts';
import type { TraceDone, TraceRequest } from './trace-messages.ts';

/** What sockets of the engine differ in. Jobs that agree in all of it share one. */
export interface SocketOptions {
	readonly family: 4 | 6;
	/** Bytes of payload, 16 or more. */
	readonly size: number;
	/** The address to send from. */
	readonly source?: string | undefined;
	readonly interface?: string | undefined;
	/** The "don't fragment" bit; undefined: what the kernel does by itself. */
	readonly df?: boolean | undefined;
}

/** What packets that leave by one socket may differ in; undefined: what the kernel does by itself. */
export interface PacketOptions {
	/** The byte of the IP header that holds the DSCP. */
	readonly tos?: number | undefined;
	readonly ttl?: number | undefined;
	readonly fwmark?: number | undefined;
}

/** One job for the engine. Pings go to all targets in turn, then again to all of them. */
export interface PingRequest {
	readonly id: number;
	readonly socket: SocketOptions;
	readonly packets?: PacketOptions | undefined;
	/** 16 bytes for each target, in network order; IPv4 uses the first 4. */
	readonly addresses: Uint8Array;
	/** Interface names for link-local targets, by target; null when there are none. */
	readonly zones: readonly (string | null)[] | null;
	/** To each target, at most 65,535 in all. */
	readonly pings: number;
	/** Between two pings to a target, milliseconds. */
	readonly intervalMs: number;
	/** Over this time, at most the interval, the pings of one round are spread. */
	readonly roundMs: number;
	/** An answer that takes longer is late. */
	readonly timeoutMs: number;
	/** The job is over by then, counted from its start, come what may. */
	readonly windowMs: number;
	/** At most so many packets are sent in a millisecond, those of other jobs included; null: few. */
	readonly burst: number | null;
}

/** What may be asked of the engine. */
export type EngineRequest = Omit<PingRequest, 'id'> | Omit<TraceRequest, 'id'>;

export type ToEngine = ToThread<EngineRequest>;

/** What there is of a job whose socket could not be opened. */
export interface PingFailed {
	readonly id: number;
	readonly failure: string;
	readonly code: ReasonCode;
}

/** Numbers for each target, in this order. */
export const counterNames = ['duplicates', 'reordered', 'late', 'corrupted', 'from_other_address'] as const;

/** What came of a job, in numbers for each ping (target by target, each in sending order) and each target. */
export interface PingDone {
	readonly id: number;
	/** Which kind of socket it was. */
	readonly kind: 'raw' | 'ping';
	/** By ping: seconds; NaN for a lost one, `noSample` where nothing is known. */
	readonly rttSeconds: Float64Array;
	/** By ping: seconds since the epoch. */
	readonly sentAtSeconds: Float64Array;
	/** By target, `counterNames.length` each. */
	readonly counters: Uint32Array;
	/** By target: of the last answer; 0 when there was none. */
	readonly ttl: Uint8Array;
	/** By target, see `stampBits`. */
	readonly stamps: Uint8Array;
	/** Texts that the following refer to. */
	readonly texts: readonly string[];
	/** Three numbers each: target, text, how many lost pings it is the reason of. */
	readonly lossReasons: Uint32Array;
	/** By target: 0, or 1 more than the index of the text that says why there are no samples. */
	readonly failures: Uint32Array;
	/** Of the texts that say so; null of others. */
	readonly codes: readonly (ReasonCode | null)[];
}

/** Stands for a round-trip time that nothing is known of. */
export const noSample = -1;

export const stampBits = {
	/** All round-trip times are between stamps of the kernel. */
	kernelOnly: 1,
	/** The kernel has stamped something that was sent. */
	transmitSeen: 2,
} as const;

export type FromEngine = PingDone | PingFailed;

/** What comes back to the main thread. */
export type EngineResult = FromEngine | TraceDone;

export interface EngineWorkerData {
	/** Changes when a message has been posted. */
	readonly posted: Int32Array;
}
