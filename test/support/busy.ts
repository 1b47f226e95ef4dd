/**
 * For tests of measurements themselves. A machine that does not let a program run for a quarter of a second spoils a
 * measurement, as it should, and the test with it: then it is run again. What is wrong fails each time.
 */
export const onBusyMachine = { retry: 5 };
