import type { EarlyLoss } from '../alerts/early-pings.ts';
import type { WatchedOrder } from '../alerts/order-watch.ts';
import type { AlertSettings, FiringAlert } from '../alerts/room-parts.ts';
import type { Standby } from '../delivery/notices/standby.ts';
import type { SinkStats } from '../delivery/sink-stats.ts';
import type { PartStanding, Rule } from '../model/alert.ts';
import type { FactTable } from '../model/facts.ts';
import type { Mute } from '../model/mute.ts';
import type { HeartbeatSetting, NotifierEntry } from '../model/notifier-entry.ts';
import type { Slot } from '../model/slot.ts';

/** What the main thread tells the rules, which live in the thread of the sinks. */
export type AlertOrder =
	| { readonly about: 'rules'; readonly rules: readonly Rule[]; readonly unread: readonly string[] }
	| { readonly about: 'mutes'; readonly mutes: readonly Mute[] }
	| { readonly about: 'settings'; readonly settings: AlertSettings }
	| { readonly about: 'outlets'; readonly outlets: OutletSettings }
	/** How the parts of the daemon are. */
	| { readonly about: 'standings'; readonly standings: readonly PartStanding[] }
	/** The main thread measures. */
	| { readonly about: 'pulse' }
	| { readonly about: 'order'; readonly order: WatchedOrder }
	| { readonly about: 'gone'; readonly id: string }
	/** The way to an order as it was just traced; null: nobody can tell. */
	| { readonly about: 'traced'; readonly id: string; readonly path: readonly (string | null)[] | null }
	| {
			readonly about: 'early';
			readonly id: string;
			readonly slot: Slot;
			readonly pings: readonly EarlyLoss[];
	  };

/** What they have to say. */
export type AlertReport =
	| { readonly about: 'save'; readonly id: string; readonly lines: readonly string[] }
	| { readonly about: 'watch'; readonly ids: readonly string[]; readonly isWanted: boolean }
	/** The way to an order is wanted at once. */
	| { readonly about: 'trace'; readonly id: string; readonly withinMs: number }
	| { readonly about: 'removeMutes'; readonly names: readonly string[] }
	| { readonly about: 'notifiers'; readonly stats: readonly SinkStats[] }
	| { readonly about: 'firing'; readonly firing: readonly FiringAlert[] };

/** What they are opened with. */
export interface AlertThreadData {
	readonly baseDir: string;
	readonly facts: FactTable;
	readonly outlets: OutletModules;
}

/** Who is told, as the config says. */
export interface OutletSettings {
	readonly notifiers: readonly NotifierEntry[];
	readonly heartbeat: HeartbeatSetting | null;
	readonly standby: Standby;
}

/** What telling needs of this program. Plain data. */
export interface OutletModules {
	/** URL of a module that exports `builtInNotifiers`, a `NotifierTable`. */
	readonly notifiers: string;
	/** Path of this program, for graphs. */
	readonly program: string;
}
