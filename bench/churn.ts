/** bench: as scale, with a tenth of the orders replaced every minute and all others refreshed every hour */
process.argv.push('--churn', '10');
await import('./scale.ts');
