/** The keys of `SlotCounts` in the order in which `OrdersAnswer` gives the counts. */
export const slotCountKeys = ['measured', 'failed', 'skipped', 'overrun', 'late'] as const;
