// Ends Azurite when whoever started it is gone, however it went: its end of this pipe closes then.
process.stdin.on('end', () => process.exit(0)).resume();
