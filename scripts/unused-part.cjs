// Stands for @heroku/socksv5 in the bundle: ssh2-promise loads it, kplay never uses it.
module.exports = {};
