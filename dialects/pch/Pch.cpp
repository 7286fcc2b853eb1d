//===- Pch.cpp - Carries the precompiled header ---------------------------===//
