import type { Envelope } from './envelope.ts';
import type { Heartbeat } from './heartbeat.ts';

/**
 * The two sides of a link between a hub and its points of presence. A link carries; it judges nothing but who is at
 * the other end. What it loses while it is cut off it makes up for when it is whole again.
 */
export interface HubLink {
	/** For the log: `https`. */
	readonly name: string;
	/** Takes up its work. Rejects with an `Error` that is fit for the user when it cannot. */
	start(desk: HubDesk): Promise<void>;
	/** There is news for it: `HubDesk.newsFor` tells which. Called often. */
	published(pop: string): void;
	/** It is no point of presence any more: nothing is told it, or taken of it, from now on. */
	removed(pop: string): void;
	close(): Promise<void>;
}

/** What the hub has for its links. */
export interface HubDesk {
	/** Whose token it is; null: nobody's. */
	admit(token: string): string | null;
	/** Whether there is such a point of presence. */
	isKnown(pop: string): boolean;
	/** Up to which number there is news for it; null: not known yet, because the hub has just begun. */
	seqFor(pop: string): number | null;
	/**
	 * What a point of presence is to know that has had all news up to `seq`: by rising `seq`, the list of its orders
	 * last. `isWhole`: all there is, because what came after `seq` is not known any more.
	 */
	newsFor(pop: string, seq: number): { readonly isWhole: boolean; readonly news: readonly Envelope[] };
	/** Resolves when what can be taken is on disk, with null when it is to come again later; what cannot is counted. `json`: by the codec, parsed. */
	outcomes(pop: string, json: readonly unknown[]): Promise<OutcomeTally | null>;
	/** Null when it is understood, or why it is not. */
	heartbeat(pop: string, json: unknown): string | null;
}

/** What became of outcomes. All that is not taken is over, too: sending it again is no use. */
export interface OutcomeTally {
	taken: number;
	/** Were there already. */
	doubled: number;
	/** Of orders that it is not asked for, or not understood. */
	refused: number;
	/** Begin more than 60 s ahead of our clock. */
	future: number;
}

/** At the point of presence. Results go through delivery: see the sink `hub`. */
export interface PopLink {
	readonly name: string;
	/** Takes up its work; never rejects. */
	start(desk: PopDesk): void;
	/** Rejects when the hub cannot be reached. */
	heartbeat(beat: Heartbeat): Promise<void>;
	close(): Promise<void>;
}

/** What a point of presence has for its link. */
export interface PopDesk {
	/** All news up to this number is known. 0: none. */
	readonly seq: number;
	/** News in the order in which the hub told it. `isWhole`: what is not among it up to its list has ended. */
	news(envelopes: readonly unknown[], isWhole: boolean): void;
	/** The hub is heard of, or why it is not; told when it changes. */
	reached(problem: string | null): void;
}
