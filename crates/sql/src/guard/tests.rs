mod reading;
mod rules;
