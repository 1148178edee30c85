// Imported by what plants faults and by the processes of tests: choices and findings of this machine do not affect them,
// and what they find wrong is not kept for the user's next run.

process.env.MICROGRAPH_KERNEL_CACHE = "off";
process.env.MICROGRAPH_DOCTOR = "off";
