import type { AlertSettings } from '../alerts/room-parts.ts';
import type { Config } from '../config/config.ts';
import { noStandby } from '../delivery/notices/standby.ts';
import type { HistoryLimits } from '../store/catch-up.ts';
import type { OutletSettings } from './alert-messages.ts';

/** What the config says, as the rooms want it. */

export function historyLimitsOf({ histograms, slotsKeepSeconds }: Config): HistoryLimits {
	return { ...histograms, slotsSeconds: slotsKeepSeconds };
}

export function alertSettingsOf({ guard, web, groupWaitSeconds }: Config): AlertSettings {
	return { guard, pagesUrl: web?.url ?? null, groupWaitMs: groupWaitSeconds * 1000 };
}

export function outletSettingsOf({ notifiers, heartbeat }: Config): OutletSettings {
	return { notifiers, heartbeat, standby: noStandby };
}

export function maxAgeMsOf({ maxAgeSeconds }: Config): number {
	return maxAgeSeconds === null ? Number.POSITIVE_INFINITY : maxAgeSeconds * 1000;
}
