// Ends Azurite when whoever started it is gone, however it went: its ends of these pipes close then.
const leave = () => process.exit(0);
process.stdin.on('end', leave).resume();
process.stdout.on('error', leave);
