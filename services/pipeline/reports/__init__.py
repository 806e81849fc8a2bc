"""Reports: conversion, time in stage, reasons and forecast, each one statement over the moves."""
