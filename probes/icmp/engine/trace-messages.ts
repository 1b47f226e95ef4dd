import type { ReasonCode } from '../../../src/model/outcome.ts';

export type TraceProtocol = 'icmp' | 'udp' | 'tcp';

/** What sockets that trace differ in. Jobs that agree in all of it share one. */
export interface TraceSocketOptions {
	readonly family: 4 | 6;
	readonly protocol: TraceProtocol;
	readonly source?: string | undefined;
	readonly interface?: string | undefined;
	/** The byte of the IP header that holds the DSCP. */
	readonly tos?: number | undefined;
}

/** One job of tracing routes for the engine. */
export interface TraceRequest {
	readonly id: number;
	readonly trace: TraceSocketOptions;
	/** 16 bytes for each target, in network order; IPv4 uses the first 4. */
	readonly addresses: Uint8Array;
	readonly zones: readonly (string | null)[] | null;
	/** Rounds: in each every hop of every target is asked once. */
	readonly pings: number;
	/** From one round to the next, milliseconds. */
	readonly intervalMs: number;
	/** An answer that takes longer is none. */
	readonly timeoutMs: number;
	/** The job is over by then, counted from its start, come what may. */
	readonly windowMs: number;
	readonly firstHop: number;
	readonly maxHop: number;
	/** After so many hops without an answer no further ones are asked. */
	readonly gapLimit: number;
	/** Of udp and tcp. */
	readonly port: number;
	/** Whether to find the longest packet that gets through. */
	readonly mtu: boolean;
}

/** What came of one target. */
export type TracedTarget =
	| { readonly failure: string; readonly code: ReasonCode }
	| {
			/** By round, as far as it is known. Seconds; null: lost. */
			readonly sentAtSeconds: readonly number[];
			readonly rttSeconds: readonly (number | null)[];
			/** From the first hop on, as `hopText` writes them; null: no answer. */
			readonly hops: readonly (string | null)[];
			readonly reached: boolean;
			/** Bytes; null when it is not known. */
			readonly pathMtu: number | null;
			/** What was heard instead of an answer of the target, of some rounds. */
			readonly lossReasons: Readonly<Record<string, number>>;
			/** Whether all times are between stamps of the kernel. */
			readonly isByKernel: boolean;
			/** Whether the kernel has stamped something that was sent. */
			readonly transmitSeen: boolean;
	  };

export interface TraceDone {
	readonly id: number;
	readonly kind: 'raw' | 'ping' | 'udp';
	readonly traced: readonly TracedTarget[];
}
