import type { OrderFileSeen, OrdersScan } from '../../src/orders/seen.ts';
import type { OrdersListener } from '../../src/orders/watcher.ts';

/** Believes what a watcher says, and keeps account of it. */
export class OrdersRecorder implements OrdersListener {
	/** What is there, going by the reports: mtime in milliseconds by id. */
	readonly files = new Map<string, number>();
	/** Links and folders that are not entered, and why. */
	readonly refused = new Map<string, string>();
	/** `changed ID` and `removed ID`, in order. */
	calls: string[] = [];
	readonly scans: OrdersScan[] = [];
	/** What a watcher must never do. */
	readonly faults: string[] = [];

	changed({ id, path, mtimeMs, refusal }: OrderFileSeen): void {
		if (refusal === undefined) {
			this.calls.push(`changed ${id}`);
			this.files.set(id, mtimeMs);
		} else {
			this.calls.push(`refused ${id}`);
			this.refused.set(id, refusal);
		}
		if (this.files.has(id) && this.refused.has(id)) this.faults.push(`${id} is a file, and refused`);
		if (!path.endsWith(`/${id}`)) this.faults.push(`path ${path} of ${id}`);
	}

	removed(id: string): void {
		this.calls.push(`removed ${id}`);
		if (!this.files.delete(id) && !this.refused.delete(id))
			this.faults.push(`removed ${id}, which was not there`);
	}

	scanned(scan: OrdersScan): void {
		this.scans.push(scan);
		if (scan.files !== this.files.size) this.faults.push(`${scan.files} files, not ${this.files.size}`);
	}

	/** The ids, sorted. */
	get ids(): string[] {
		return [...this.files.keys()].sort();
	}
}
